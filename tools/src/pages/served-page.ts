import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What a page may be told by the server that serves it. */
export interface PageData {
  /** Content of `demo.json` beside the page. */
  readonly accounts: readonly object[];
}

const INDEX = 'index.html';
const DATA = 'demo.json';

/**
 * Puts a bundle into a folder that a gateway serves. The page itself comes last and in one step, so that whoever loads
 * it meanwhile has either what was there before or all of the new one.
 */
export async function publishPage(bundle: string, served: string, { accounts }: PageData): Promise<void> {
  await mkdir(served, { recursive: true });
  const names = await readdir(bundle);
  for (const name of names.filter((each) => each !== INDEX && each !== DATA)) {
    await cp(path.join(bundle, name), path.join(served, name), { recursive: true });
  }
  await writeFile(path.join(served, DATA), JSON.stringify({ accounts }));
  const staged = path.join(served, `.${INDEX}`);
  await cp(path.join(bundle, INDEX), staged);
  await rename(staged, path.join(served, INDEX));
}

/** Empties a folder that a gateway serves, but for a page that says what is going on. */
export async function publishNotice(served: string, notice: Notice): Promise<void> {
  await rm(served, { recursive: true, force: true });
  await mkdir(served, { recursive: true });
  await writeFile(path.join(served, INDEX), noticePage(notice));
}

export interface Notice {
  readonly title: string;
  readonly lines: readonly string[];
  /** Looks again every two seconds. */
  readonly reloads: boolean;
}

function noticePage({ title, lines, reloads }: Notice): string {
  const [first = '', ...more] = lines;
  const details = more.length === 0 ? '' : `<pre>${escape(more.join('\n'))}</pre>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(title)} | ORION</title><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">${reloads ? '<meta http-equiv="refresh" content="2">' : ''}
<link rel="icon" href="data:,">
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}pre{white-space:pre-wrap;font-size:13px}</style></head>
<body><h1>${escape(title)}</h1>
<p role="status">${escape(first)}</p>${details}</body></html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
