import { eventually } from '@orion/platform/testing';
import { sender, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';
import { reply, startSmtpSink } from '../testing/smtp-sink.js';
import type { SmtpSink } from '../testing/smtp-sink.js';

const SEND = `mutation ($input: SendNotificationInput!) { sendNotification(input: $input) {
  notifications { id status attempts { number outcome error startedAt finishedAt } } userErrors { code } } }`;

test('in demo mode captured mails come in pages, newest first, of everybody or of one address', async () => {
  const notification = await startNotification();
  try {
    for (const name of ['a', 'b', 'c'])
      await notification.signUp({ email: `${name}@example.com`, token: `token-${name}` });
    const page = async (variables: Readonly<Record<string, unknown>>) => {
      const { data } = await notification.query(
        `query ($recipient: String, $first: Int, $after: String) {
           capturedMessages(recipient: $recipient, first: $first, after: $after) { nodes { recipient } pageInfo { endCursor hasNextPage } } }`,
        { variables },
      );
      return data.capturedMessages;
    };
    const first = await page({ first: 2 });
    expect(first).toMatchObject({
      nodes: [{ recipient: 'c@example.com' }, { recipient: 'b@example.com' }],
      pageInfo: { hasNextPage: true },
    });
    expect((await page({ first: 2, after: first.pageInfo.endCursor })).nodes).toEqual([{ recipient: 'a@example.com' }]);
    expect((await page({ first: 2, recipient: 'B@Example.com' })).nodes).toEqual([{ recipient: 'b@example.com' }]);
  } finally {
    await notification.stop();
  }
});

describe('outside of demo mode', () => {
  let notification: NotificationFixture;
  let server: SmtpSink;
  beforeAll(async () => {
    server = await startSmtpSink({
      onRecipient: (_count, address) => (address === 'gone@example.com' ? reply(550, 'gone') : undefined),
    });
    notification = await startNotification({
      SMTP_URL: server.url,
      MAIL_FROM: 'no-reply@orion.example',
      PUBLIC_URL: 'https://orion.example',
    });
  });
  afterAll(async () => {
    await notification?.stop();
    await server?.stop();
  });

  test('mails are shown to nobody', async () => {
    const { data, errors } = await notification.query('{ capturedMessages { nodes { id } } }', { viewer: sender });
    expect(data).toEqual({ capturedMessages: null });
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining('ORION_DEMO=true'),
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('they are sent, and their attempts are told', async () => {
    const good = await notification.signUp({ email: 'good@example.com', token: 'real-token' });
    await eventually(() => server.mails.length === 1);
    expect(server.mails[0]?.plain).toContain('https://orion.example/verify-email?token=real-token');
    const gone = await notification.signUp({ email: 'gone@example.com' });
    const input = {
      recipientIds: [good.userId, gone.userId],
      type: 'TEST',
      title: 'Hello',
      channels: ['EMAIL'],
      idempotencyKey: 'k',
    };
    const send = async () =>
      (await notification.query(SEND, { viewer: sender, variables: { input } })).data.sendNotification.notifications;
    expect(
      (await send()).map(({ status, attempts }: { status: string; attempts: unknown[] }) => ({ status, attempts })),
    ).toEqual([
      { status: 'QUEUED', attempts: [] },
      { status: 'QUEUED', attempts: [] },
    ]);
    const settled = await eventually(async () => {
      const notifications = await send();
      return notifications.every(({ status }: { status: string }) => status !== 'QUEUED') && notifications;
    });
    const attempt = { number: 1, startedAt: expect.any(String), finishedAt: expect.any(String) };
    expect(settled).toMatchObject([
      { status: 'SENT', attempts: [{ ...attempt, outcome: 'SENT', error: null }] },
      { status: 'FAILED', attempts: [{ ...attempt, outcome: 'FAILED', error: expect.stringContaining('gone') }] },
    ]);
  });
});
