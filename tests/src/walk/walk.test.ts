import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient } from '../graph/graph-client.js';
import { newcomer, newcomerPassword, signIn } from '../graph/people.js';

let platform: Platform;
let url: string;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  url = platform.url;
}, 60_000);
afterAll(() => platform?.stop());

const ME = `{ me {
  id displayName email emailVerified
  sessions(first: 5) { nodes { id isCurrent device { name } } }
  notifications(first: 5) { nodes { type title body } }
  notificationCounts { unseen unread total }
  activitySummary { logins }
} }`;

test('a newcomer registers, signs in, is notified live, reads it all back and signs out', async () => {
  const carol = await newcomer(url, { name: 'Carol' });

  const me = await eventually(async () => {
    const { data, errors } = await carol.client.query(ME);
    expect(errors).toEqual([]);
    return data.me.activitySummary.logins === 1 && data.me.notificationCounts.total === 1 ? data.me : null;
  });
  expect(me).toMatchObject({
    id: carol.userId,
    displayName: 'Carol',
    email: 'carol@example.com',
    emailVerified: true,
    sessions: { nodes: [{ id: carol.sessionId, isCurrent: true }] },
    notifications: { nodes: [{ type: 'WELCOME' }] },
    notificationCounts: { unseen: 1, unread: 1, total: 1 },
  });

  const stream = await carol.client.subscribe(
    `subscription { notificationReceived(afterRev: 0) {
       rev notification { type title body actor { displayName } recipient { id displayName } } counts { unseen total } } }`,
  );
  const welcome = await stream.next();
  expect(welcome.errors).toBeUndefined();
  expect(welcome.data.notificationReceived.notification).toMatchObject({ type: 'WELCOME', actor: null });

  const admin = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const sent = await admin.client.query(SEND, {
    input: { recipientId: carol.userId, type: 'GREETING', title: 'Hello', body: 'Nice to see you here.' },
  });
  expect(sent.errors).toEqual([]);
  expect(sent.data.sendNotification.userErrors).toEqual([]);
  expect(await stream.next()).toEqual({
    data: {
      notificationReceived: {
        rev: expect.anything(),
        notification: {
          type: 'GREETING',
          title: 'Hello',
          body: 'Nice to see you here.',
          actor: { displayName: 'Admin' },
          recipient: { id: carol.userId, displayName: 'Carol' },
        },
        counts: { unseen: 2, total: 2 },
      },
    },
  });

  const again = await signIn(url, { email: 'carol@example.com', password: newcomerPassword });
  await eventually(async () => {
    const { data } = await again.client.query('{ me { activitySummary { logins } } }');
    return data.me.activitySummary.logins === 2;
  });
  // Once: what follows the greeting is the alert of the sign-in on a device that was not seen before, and no more.
  expect((await stream.next()).data.notificationReceived.notification.type).toBe('SECURITY_ALERT');
  await admin.client.query(SEND, { input: { recipientId: carol.userId, type: 'MARKER', title: 'Marker', body: '-' } });
  expect((await stream.next()).data.notificationReceived.notification.type).toBe('MARKER');
  expect(stream.pending()).toBe(0);

  const loggedOut = Date.now();
  const { data } = await carol.client.query('mutation { logout { revokedSessions } }');
  expect(data.logout.revokedSessions).toBe(1);
  expect(await stream.closed).toBe(4403);
  expect(Date.now() - loggedOut).toBeLessThan(1_000);
  const dead = await carol.client.query('{ me { id } }');
  expect(dead.data).toBeNull();
  expect(dead.errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  expect((await again.client.query('{ me { id } }')).data).toEqual({ me: { id: carol.userId } });
}, 60_000);

test('a client that was away hears what it missed, once, and then what is new', async () => {
  const dave = await newcomer(url, { name: 'Dave' });
  const admin = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const send = (title: string) =>
    admin.client.query(SEND, { input: { recipientId: dave.userId, type: 'NOTE', title, body: '-' } });
  await send('missed 1');
  await send('missed 2');
  const stream = await dave.client.subscribe(
    'subscription { notificationReceived(afterRev: 0) { rev notification { title } } }',
  );
  const titles: string[] = [];
  while (titles.length < 3) titles.push((await stream.next()).data.notificationReceived.notification.title);
  await send('live');
  titles.push((await stream.next()).data.notificationReceived.notification.title);
  expect(titles.slice(1)).toEqual(['missed 1', 'missed 2', 'live']);
  await stream.stop();
}, 60_000);

test('an anonymous client learns nothing of anybody', async () => {
  const { data, errors } = await createGraphClient(url).query('{ me { id } users(first: 1) { nodes { id } } }');
  expect(data).toEqual({ me: null, users: null });
  expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
});

const SEND =
  'mutation ($input: SendNotificationInput!) { sendNotification(input: $input) { notifications { id } userErrors { code message } } }';
