import { userRegistered, userUpdated } from '@orion/platform/event-contracts';
import { eventually, testViewer } from '@orion/platform/testing';
import { envelopeOf, sender, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification();
});
afterAll(() => notification?.stop());

const SEND = `mutation ($input: SendNotificationInput!) { sendNotification(input: $input) {
  notifications { id type channel title body data priority status createdAt seenAt readAt archivedAt
    recipient { id } actor { id } attempts { number } }
  userErrors { code path message } } }`;
const send = async (input: Readonly<Record<string, unknown>>, viewer = sender) => {
  const { data, errors } = await notification.query(SEND, {
    viewer,
    variables: { input: { type: 'TEST', title: 'Hello', ...input } },
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data.sendNotification;
};
const codes = async (input: Readonly<Record<string, unknown>>) =>
  (await send(input)).userErrors.map(({ code, path }: { code: string; path: string[] }) => `${code} ${path.join('.')}`);

test('a notification shows who it is for and who caused it', async () => {
  const { userId } = await notification.signUp();
  const { notifications, userErrors } = await send({
    recipientId: userId,
    body: 'line 1\n\nline 2',
    data: { at: [1, null] },
    priority: 'HIGH',
  });
  expect(userErrors).toEqual([]);
  expect(notifications).toEqual([
    {
      id: expect.any(String),
      type: 'TEST',
      channel: 'IN_APP',
      title: 'Hello',
      body: 'line 1\n\nline 2',
      data: { at: [1, null] },
      priority: 'HIGH',
      status: 'SENT',
      createdAt: expect.any(String),
      seenAt: null,
      readAt: null,
      archivedAt: null,
      recipient: { id: userId },
      actor: { id: sender.userId },
      attempts: [],
    },
  ]);
});

test('only those who hold notification:send:any may send', async () => {
  const viewer = await notification.signUp();
  const variables = { input: { recipientId: viewer.userId, type: 'TEST', title: 'Hello' } };
  for (const [who, code] of [
    [viewer, 'FORBIDDEN'],
    [null, 'UNAUTHENTICATED'],
  ] as const) {
    const { errors } = await notification.query(SEND, { viewer: who, variables });
    expect(errors[0]?.extensions['code']).toBe(code);
  }
});

test('all recipients get it or none does', async () => {
  const people = await Promise.all([notification.signUp(), notification.signUp()]);
  const recipientIds = people.map(({ userId }) => userId);
  const strangers = [testViewer().userId, 'nobody'];
  expect(await codes({ recipientIds: [...recipientIds, ...strangers] })).toEqual([
    'RECIPIENT_UNKNOWN input.recipientIds.3',
  ]);
  expect(await codes({ recipientIds: [...recipientIds, strangers[0]] })).toEqual([
    'RECIPIENT_UNKNOWN input.recipientIds.2',
  ]);
  const { notifications } = await send({ recipientIds: [...recipientIds, recipientIds[0]] });
  expect(notifications.map(({ recipient }: { recipient: { id: string } }) => recipient.id)).toEqual(recipientIds);
  for (const id of recipientIds) {
    // The welcome and this one.
    expect(await notification.sql('SELECT rev, total FROM inboxes WHERE user_id = $1', [id])).toEqual([
      { rev: '2', total: 2 },
    ]);
  }
});

test('somebody who signed up a moment ago is found as soon as the event has arrived', async () => {
  const { userId } = testViewer();
  expect(await codes({ recipientId: userId })).toEqual(['RECIPIENT_UNKNOWN input.recipientId']);
  await notification.emit(
    envelopeOf(
      userRegistered.of({
        userId,
        email: 'new@example.com',
        displayName: 'New',
        locale: 'en',
        verificationToken: null,
      }),
    ),
  );
  await eventually(async () => (await send({ recipientId: userId })).notifications.length === 1);
});

test('what is wrong with an order is told at once, with the place', async () => {
  const recipientId = testViewer().userId;
  expect(
    await codes({
      recipientId,
      recipientIds: [recipientId],
      type: '1 type',
      title: 'two\nlines',
      body: 'bell\u0007',
      data: 'x'.repeat(16 * 1024),
      channels: [],
      idempotencyKey: '',
    }),
  ).toEqual([
    'RECIPIENT_MISSING input.recipientIds',
    'TYPE_INVALID input.type',
    'TITLE_INVALID input.title',
    'BODY_INVALID input.body',
    'DATA_INVALID input.data',
    'CHANNEL_MISSING input.channels',
    'IDEMPOTENCY_KEY_INVALID input.idempotencyKey',
  ]);
  expect(await codes({})).toEqual(['RECIPIENT_MISSING input.recipientId']);
  expect(await codes({ recipientIds: Array.from({ length: 101 }, () => testViewer().userId) })).toEqual([
    'RECIPIENT_MISSING input.recipientIds',
  ]);
});

test('emoji and any script are fine in a title', async () => {
  const { userId } = await notification.signUp();
  const title = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u05e9\u05dc\u05d5\u05dd \u4f60\u597d';
  expect((await send({ recipientId: userId, title })).notifications[0].title).toBe(title);
});

test('under one key the same is sent once, also by many at once, and the answer is the same', async () => {
  const { userId } = await notification.signUp();
  const input = { recipientId: userId, idempotencyKey: 'order-1', data: { b: 1, a: 2 } };
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(input)));
  const again = await send({ ...input, data: { a: 2, b: 1 } });
  for (const answer of answers) expect(answer).toEqual(again);
  expect(again.notifications).toHaveLength(1);
  expect(await notification.sql('SELECT total FROM inboxes WHERE user_id = $1', [userId])).toEqual([{ total: 2 }]);
});

test('under one key something else is refused, and another sender has keys of their own', async () => {
  const { userId } = await notification.signUp();
  const input = { recipientId: userId, idempotencyKey: 'order-2' };
  const [first] = (await send(input)).notifications;
  expect(await codes({ ...input, title: 'Other' })).toEqual(['IDEMPOTENCY_CONFLICT input.idempotencyKey']);
  const other = await send({ ...input, title: 'Other' }, testViewer({ permissions: ['notification:send:any'] }));
  expect(other.notifications[0].id).not.toBe(first.id);
});

test('a refused order does not use its key up', async () => {
  const { userId } = testViewer();
  const input = { recipientId: userId, idempotencyKey: 'order-3' };
  expect(await codes(input)).toEqual(['RECIPIENT_UNKNOWN input.recipientId']);
  await notification.emit(
    envelopeOf(
      userRegistered.of({
        userId,
        email: 'late@example.com',
        displayName: 'Late',
        locale: 'en',
        verificationToken: null,
      }),
    ),
  );
  await eventually(async () => (await send(input)).notifications.length === 1);
});

test('by mail it is captured in demo mode, with the text as plain as it was written', async () => {
  const { userId } = await notification.signUp({ email: 'both@example.com' });
  const { notifications } = await send({
    recipientId: userId,
    title: 'Tom & Jerry <script>',
    body: 'first\r\nline\r\n\r\nsecond <b>',
    channels: ['EMAIL', 'IN_APP', 'EMAIL'],
  });
  expect(
    notifications.map(({ channel, status }: { channel: string; status: string }) => `${channel} ${status}`),
  ).toEqual(['EMAIL SENT', 'IN_APP SENT']);
  const { data } = await notification.query(
    '{ capturedMessages(recipient: "both@example.com") { nodes { id subject text html } } }',
  );
  const [mail] = data.capturedMessages.nodes;
  expect(mail).toMatchObject({
    id: notifications[0].id,
    subject: 'Tom & Jerry <script>',
    text: 'first\r\nline\n\nsecond <b>\n',
  });
  expect(mail.html).toContain('<title>Tom &amp; Jerry &lt;script&gt;</title>');
  expect(mail.html).toContain('first<br>line</p>');
  expect(mail.html).not.toContain('<script>');
});

test('somebody whose address is not known yet cannot be mailed, and can be told in the inbox', async () => {
  const { userId } = testViewer();
  await notification.emit(envelopeOf(userUpdated.of({ userId, displayName: 'Early', locale: 'en' })));
  await eventually(async () => (await send({ recipientId: userId })).notifications.length === 1);
  expect(await codes({ recipientId: userId, channels: ['IN_APP', 'EMAIL'] })).toEqual([
    'RECIPIENT_UNREACHABLE input.recipientId',
  ]);
});

test('every notification is announced once on the bus, with its commit', async () => {
  const { userId } = await notification.signUp();
  const { notifications } = await send({ recipientId: userId, channels: ['IN_APP', 'EMAIL'] });
  const events = await eventually(async () => {
    const rows = await notification.bus<{ channel: string; id: string }>(
      `SELECT envelope->'data'->>'channel' AS channel, envelope->'data'->>'notificationId' AS id FROM log
        WHERE type = 'dev.orion.notification.sent.v1' AND key = $1 AND envelope->'data'->>'notificationType' = 'TEST' ORDER BY seq`,
      [userId],
    );
    return rows.length >= 2 && rows;
  });
  expect(events).toEqual(notifications.map(({ id, channel }: { id: string; channel: string }) => ({ channel, id })));
});
