import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { subgraph } from '@orion/notification';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, startTestSubgraph, testViewer } from '@orion/platform/testing';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import type { BenchSetting } from './bench-setting.js';
import { compare } from './compare.js';
import type { Comparison } from './compare.js';

const MAILS = 1_000;
/** The most that one mutation takes. */
const RECIPIENTS = 100;
/** As many as the notification subgraph opens. */
const CONNECTIONS = 5;
const FROM = 'ORION <no-reply@orion.example>';
const TITLE = 'Something happened that you asked about';
const BODY = 'Somebody answered.\n\nOpen the page to see what they said, or do nothing at all.';

/**
 * Mails through the notification subgraph, from the mutation until the last is recorded as sent: template, sealing,
 * table, claim, SMTP, attempt log, event. Beside it a pool of nodemailer that sends the same text. Both to smtp-server
 * in a process of its own.
 */
export async function measureMail({ rounds }: BenchSetting): Promise<readonly Comparison[]> {
  const receiver = fork(fileURLToPath(new URL('smtp-receiver.js', import.meta.url)));
  const [port] = (await once(receiver, 'message')) as [number];
  const SMTP_URL = `smtp://127.0.0.1:${port}`;
  const running = await startTestSubgraph(subgraph, { SMTP_URL, MAIL_FROM: FROM, LOG_LEVEL: 'error' });
  const database = new pg.Pool({ connectionString: running.databaseUrl, max: 2 });
  const people = Array.from({ length: RECIPIENTS }, () => uuidv7());
  await database.query(
    `INSERT INTO recipients (user_id, email) SELECT id, id || '@example.com' FROM unnest($1::uuid[]) AS person (id)`,
    [people],
  );
  const viewer = testViewer({ permissions: ['notification:send:any'] });
  const pool = createTransport({ url: SMTP_URL, pool: true, maxConnections: CONNECTIONS });

  async function throughSubgraph(): Promise<number> {
    const begun = performance.now();
    for (let n = 0; n < MAILS; n += RECIPIENTS) {
      const input = { recipientIds: people, type: 'BENCH', title: TITLE, body: BODY, channels: ['EMAIL'] };
      const { data, errors } = await running.query(SEND, { viewer, variables: { input } });
      const refused: unknown[] = [...errors, ...(data?.sendNotification.userErrors ?? [])];
      if (refused.length > 0) throw new Error(JSON.stringify(refused));
    }
    await eventually(
      async () => (await database.query(`SELECT 1 FROM mails WHERE status = 'QUEUED' LIMIT 1`)).rowCount === 0,
      { within: 120_000 },
    );
    return (MAILS * 1_000) / (performance.now() - begun);
  }

  async function throughPool(): Promise<number> {
    const begun = performance.now();
    await Promise.all(Array.from({ length: MAILS }, (_, n) => pool.sendMail(mail(people[n % RECIPIENTS] ?? ''))));
    return (MAILS * 1_000) / (performance.now() - begun);
  }

  try {
    return await compare({
      rounds,
      what: `mails, ${CONNECTIONS} connections`,
      unit: 'mails',
      ours: { name: 'ORION', run: throughSubgraph },
      opponents: [{ name: 'pooled nodemailer, nothing else', goal: 0.9, run: throughPool }],
    });
  } finally {
    pool.close();
    await database.end();
    await running.stop();
    receiver.disconnect();
  }
}

/** What the subgraph sends: the text, and a page of HTML around it. */
function mail(recipient: string) {
  const paragraphs = BODY.split('\n\n').map((text) => `<p style="margin:0 0 16px">${text}</p>`);
  const page = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">\n<title>${TITLE}</title></head>
<body style="margin:0;padding:24px;font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a">
<div style="max-width:560px;margin:0 auto"><h1 style="margin:0 0 16px;font-size:20px">${TITLE}</h1>
${paragraphs.join('\n')}</div></body></html>\n`;
  return {
    from: FROM,
    to: `${recipient}@example.com`,
    subject: TITLE,
    text: `${BODY}\n`,
    html: page,
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

const SEND = `mutation ($input: SendNotificationInput!) {
  sendNotification(input: $input) { notifications { id } userErrors { code path } } }`;
