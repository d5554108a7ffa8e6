/** What a mail says. All of it is plain text, and may come from anybody. */
export interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** A button under the text. `url` is built here, never by a user. */
  readonly link?: { readonly label: string; readonly url: URL };
}

/** A mail as it is stored and sent. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that means itself in HTML, inside and outside of attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Control characters, line and paragraph separators, halves of a pair, and what changes the direction of reading. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** One line: whatever could end a header, or reorder what is shown of it, becomes a space. */
export function oneLine(text: string): string {
  return text.replace(NOT_IN_A_LINE, ' ').trim();
}

/** The same content as plain text and as HTML. */
export function renderMail({ subject, paragraphs, link }: MailContent): RenderedMail {
  const line = oneLine(subject);
  const parts = paragraphs.map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== '');
  const text = [...parts, ...(link === undefined ? [] : [`${link.label}:\n${link.url.href}`])].join('\n\n');
  return {
    subject: line,
    text: `${text}\n`,
    html: page(line, [...parts.map(paragraphHtml), ...(link === undefined ? [] : [button(link)])]),
  };
}

function paragraphHtml(paragraph: string): string {
  return `<p style="margin:0 0 16px">${escapeHtml(paragraph).replace(/\r?\n/g, '<br>')}</p>`;
}

function button({ label, url }: NonNullable<MailContent['link']>): string {
  const href = escapeHtml(url.href);
  const style =
    'display:inline-block;padding:12px 20px;border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none';
  return (
    `<p style="margin:24px 0"><a href="${href}" style="${style}">${escapeHtml(label)}</a></p>` +
    `<p style="margin:0 0 16px;font-size:13px;color:#555555;word-break:break-all">${href}</p>`
  );
}

function page(title: string, blocks: readonly string[]): string {
  const body =
    'margin:0;padding:24px;font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a';
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeHtml(title)}</title></head>`,
    `<body style="${body}"><div style="max-width:560px;margin:0 auto">`,
    `<h1 style="margin:0 0 16px;font-size:20px">${escapeHtml(title)}</h1>`,
    ...blocks,
    '</div></body></html>',
    '',
  ].join('\n');
}
