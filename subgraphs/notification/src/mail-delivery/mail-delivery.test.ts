import { fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { runCausedBy } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { eventually } from '@orion/platform/testing';
import { NotificationPriority } from '../notification/notification.entity.js';
import { startMails } from '../testing/mail-fixture.js';
import type { MailFixture } from '../testing/mail-fixture.js';
import { reply, startSmtpSink } from '../testing/smtp-sink.js';
import type { SmtpBehaviour, SmtpSink } from '../testing/smtp-sink.js';

const SENT = 'dev.orion.notification.sent.v1';
const FAILED = 'dev.orion.notification.failed.v1';

let mails: MailFixture;
const sinks: SmtpSink[] = [];
const sink = async (behaviour?: SmtpBehaviour): Promise<SmtpSink> => {
  const started = await startSmtpSink(behaviour);
  sinks.push(started);
  return started;
};
beforeEach(async () => {
  mails = await startMails();
});
afterEach(async () => {
  await mails?.stop();
  await Promise.all(sinks.splice(0).map((server) => server.stop()));
});

const over = (id: string) =>
  eventually(async () => {
    const fate = await mails.fate(id);
    return fate.status !== 'QUEUED' && fate;
  });

test('a queued mail reaches the server as text and HTML, and nothing of it is kept', async () => {
  const server = await sink();
  mails.deliver(server.url);
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com', subject: 'Gr\u00fc\u00dfe' });
  expect(await over(id)).toEqual({ status: 'SENT', notification: 'SENT', error: null, attempts: ['SENT'] });
  expect(server.mails).toHaveLength(1);
  const [mail] = server.mails;
  expect(mail).toMatchObject({ from: 'no-reply@orion.example', to: ['alice@example.com'] });
  expect(mail?.raw).toContain('From: ORION <no-reply@orion.example>');
  expect(mail?.raw).toContain(`Message-ID: <${id}@orion.example>`);
  expect(mail?.raw).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=');
  expect(mail?.raw).toContain('Auto-Submitted: auto-generated');
  expect(mail?.raw).toMatch(
    /text\/plain[^]*\nTo alice@example\.com\.\r\n[^]*text\/html[^]*<title>Gr=C3=BC=C3=9Fe<\/title>/,
  );
  expect(await mails.database.query('SELECT body_sealed, message_id FROM mails')).toEqual([
    { body_sealed: null, message_id: `${id}@orion.example` },
  ]);
  expect(await mails.announced(id)).toEqual([SENT]);
});

test('what is told of a mail carries the cause of the mail', async () => {
  const server = await sink();
  mails.deliver(server.url);
  const cause = { correlationId: uuidv7(), causationId: uuidv7(), actorId: uuidv7() };
  const [id = ''] = await runCausedBy(cause, () => mails.enqueue({ to: 'alice@example.com' }));
  await over(id);
  const [{ envelope }] = await mails.database.query(
    `SELECT envelope FROM outbox WHERE envelope->'data'->>'notificationId' = $1`,
    [id],
  );
  expect(envelope).toMatchObject({ type: SENT, ...cause });
});

test('no subject makes a header of its own', async () => {
  const server = await sink();
  mails.deliver(server.url);
  const [id = ''] = await mails.enqueue({
    to: 'alice@example.com',
    subject: 'Hello\r\nBcc: eve@example.com\r\n\r\n<b>owned</b>',
  });
  await over(id);
  expect(server.mails[0]?.to).toEqual(['alice@example.com']);
  expect(server.mails[0]?.raw).toContain('\r\nSubject: Hello Bcc: eve@example.com <b>owned</b>\r\n');
  expect(server.mails[0]?.raw).not.toMatch(/^Bcc:/m);
});

test('a 4yz reply is tried again until the server takes the mail', async () => {
  const server = await sink({
    onRecipient: (count) => (count === 1 ? reply(450, 'greylisted') : undefined),
    onData: (_mail, count) => (count === 1 ? reply(451, 'try later') : undefined),
  });
  mails.deliver(server.url);
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  expect(await over(id)).toEqual({
    status: 'SENT',
    notification: 'SENT',
    error: null,
    attempts: ['RETRY', 'RETRY', 'SENT'],
  });
  expect(server.mails).toHaveLength(1);
  expect(await mails.announced(id)).toEqual([SENT]);
});

test('a 5yz reply to the recipient or to the content is final', async () => {
  const server = await sink({
    onRecipient: (_count, address) => (address.startsWith('nobody') ? reply(550, 'no such user') : undefined),
    onData: ({ to }) => (to[0] === 'spam@example.com' ? reply(554, 'looks like spam') : undefined),
  });
  mails.deliver(server.url);
  const [nobody = '', spam = '', fine = ''] = await mails.enqueue(
    { to: 'nobody@example.com' },
    { to: 'spam@example.com' },
    { to: 'fine@example.com' },
  );
  const fates = [await over(nobody), await over(spam), await over(fine)];
  expect(fates.map(({ status, notification, attempts }) => ({ status, notification, attempts }))).toEqual([
    { status: 'FAILED', notification: 'FAILED', attempts: ['FAILED'] },
    { status: 'FAILED', notification: 'FAILED', attempts: ['FAILED'] },
    { status: 'SENT', notification: 'SENT', attempts: ['SENT'] },
  ]);
  expect(fates[0]?.error).toContain('no such user');
  expect(fates[1]?.error).toContain('looks like spam');
  expect(await mails.announced(nobody)).toEqual([FAILED]);
});

test('a server that is down or closes the connection is tried again', async () => {
  // A server that hangs up at once, on a port that is known to be free when it is gone.
  const rude = net.createServer((socket) => socket.destroy());
  rude.listen(0, '127.0.0.1');
  await once(rude, 'listening');
  const { port } = rude.address() as AddressInfo;
  mails.deliver(`smtp://127.0.0.1:${port}`);
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  await eventually(async () => (await mails.fate(id)).attempts.includes('RETRY'));
  rude.close();
  await once(rude, 'close');
  const tries = (await mails.fate(id)).attempts.length;
  await eventually(async () => (await mails.fate(id)).attempts.length > tries + 1);
  const server = await sink({ port });
  expect((await over(id)).status).toBe('SENT');
  expect(server.mails).toHaveLength(1);
});

test('a server that refuses our login is our fault, and the mail is kept', async () => {
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  const server = await sink({ login: { user: 'orion', password: 'right' } });
  // The one that is wrong has no chance to use up the attempts.
  const wrong = mails.deliver(server.url.replace('smtp://', 'smtp://orion:wrong@'));
  await eventually(async () => (await mails.fate(id)).attempts.filter((outcome) => outcome === 'RETRY').length > 1);
  await wrong.stop();
  expect((await mails.fate(id)).status).toBe('QUEUED');
  mails.deliver(server.url.replace('smtp://', 'smtp://orion:right@'));
  expect((await over(id)).status).toBe('SENT');
});

test('after the last attempt a mail has failed', async () => {
  const server = await sink({ onRecipient: () => reply(450, 'never') });
  mails.deliver(server.url, { maxAttempts: 3 });
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  expect(await over(id)).toMatchObject({ status: 'FAILED', attempts: ['RETRY', 'RETRY', 'FAILED'] });
  expect(await mails.announced(id)).toEqual([FAILED]);
});

test('urgent mails go first', async () => {
  const server = await sink();
  await mails.enqueue({ to: 'low@example.com', priority: NotificationPriority.LOW });
  await mails.enqueue({ to: 'normal@example.com' });
  const last = await mails.enqueue({ to: 'critical@example.com', priority: NotificationPriority.CRITICAL });
  mails.deliver(server.url, { concurrency: 1 });
  await over(last[0] ?? '');
  await eventually(() => server.mails.length === 3);
  expect(server.mails.map(({ to }) => to[0])).toEqual([
    'critical@example.com',
    'normal@example.com',
    'low@example.com',
  ]);
});

test('several workers send each of many mails once', async () => {
  const server = await sink();
  const addresses = Array.from({ length: 120 }, (_, index) => `user${index}@example.com`);
  await mails.enqueue(...addresses.map((to) => ({ to })));
  for (let worker = 0; worker < 3; worker += 1) mails.deliver(server.url);
  await eventually(async () => (await mails.database.query(`SELECT 1 FROM mails WHERE status <> 'SENT'`)).length === 0);
  expect(server.mails.flatMap(({ to }) => to).toSorted()).toEqual(addresses.toSorted());
  expect(await mails.database.query('SELECT 1 FROM delivery_attempts WHERE number > 1')).toEqual([]);
});

test('a mail whose sender was killed in the middle of it goes out when the lease ends, and comes twice at the most', async () => {
  // The first time the server takes the mail and never says so: the worst moment to die.
  let taken = 0;
  const server = await sink({
    onData: (_mail, count) => {
      taken = count;
      return count === 1 ? new Promise<undefined>(() => undefined) : undefined;
    },
  });
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  const victim = fork(fileURLToPath(new URL('../testing/delivery-process.js', import.meta.url)), [
    mails.databaseUrl,
    mails.sealingKey,
    server.url,
    '1500',
  ]);
  await eventually(() => taken === 1);
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  mails.deliver(server.url);
  expect(await over(id)).toMatchObject({ status: 'SENT', attempts: [null, 'SENT'] });
  // Beside the one that the server took before the crash.
  expect(server.mails).toHaveLength(1);
  expect(server.mails[0]?.raw).toContain(`Message-ID: <${id}@orion.example>`);
  expect(await mails.announced(id)).toEqual([SENT]);
});

test('a mail that kills whoever sends it does not come back for ever', async () => {
  const server = await sink();
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  await mails.database.query('UPDATE jobs SET attempt = 2');
  mails.deliver(server.url, { maxAttempts: 2 });
  expect(await over(id)).toMatchObject({ status: 'FAILED', error: 'the last attempt was not finished' });
  expect(server.mails).toEqual([]);
});

test('an outcome that cannot be recorded at once is recorded when the database answers again', async () => {
  const server = await sink({
    onData: async () => {
      await mails.database.query('ALTER TABLE delivery_attempts RENAME TO away');
      return undefined;
    },
  });
  mails.deliver(server.url);
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  await eventually(() => server.mails.length === 1);
  await mails.database.query('ALTER TABLE away RENAME TO delivery_attempts');
  expect(await over(id)).toMatchObject({ status: 'SENT', attempts: ['SENT'] });
  expect(server.mails).toHaveLength(1);
});

test('a worker that is stopped finishes the mail in hand', async () => {
  let finish: (() => void) | undefined;
  const server = await sink({ onData: () => new Promise<undefined>((resolve) => (finish = () => resolve(undefined))) });
  const worker = mails.deliver(server.url);
  const [id = ''] = await mails.enqueue({ to: 'alice@example.com' });
  await eventually(() => finish !== undefined);
  const stopped = worker.stop();
  finish?.();
  await stopped;
  expect(await mails.fate(id)).toMatchObject({ status: 'SENT', attempts: ['SENT'] });
});
