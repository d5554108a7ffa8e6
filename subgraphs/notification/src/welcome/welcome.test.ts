import { userCreated, userDeleted, userRegistered, userUpdated } from '@orion/platform/event-contracts';
import { eventually, testViewer } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification({ ORION_DEMO: 'true', PUBLIC_URL: 'https://orion.example/' });
});
afterAll(() => notification?.stop());

const MAILS =
  'query ($recipient: String) { capturedMessages(recipient: $recipient, first: 10) { nodes { id recipient subject text html createdAt } } }';
const mailsTo = async (recipient: string) =>
  (await notification.query(MAILS, { variables: { recipient } })).data.capturedMessages.nodes;

test('who signs up finds a welcome in the inbox and the link to verify in the mail', async () => {
  const viewer = await notification.signUp({ email: 'Carla@example.com', displayName: 'Carla', token: 'tok-123_abc' });
  const [row] = await notification.sql(
    'SELECT type, channel, status, title, rev FROM notifications WHERE recipient_id = $1 ORDER BY id',
    [viewer.userId],
  );
  expect(row).toEqual({
    type: 'WELCOME',
    channel: 'IN_APP',
    status: 'SENT',
    title: 'Welcome to ORION, Carla',
    rev: '1',
  });
  const [mail, ...others] = await mailsTo('carla@example.com');
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ recipient: 'Carla@example.com', subject: 'Confirm your e-mail address' });
  expect(mail.text).toContain('https://orion.example/verify-email?token=tok-123_abc');
  expect(mail.html).toContain('href="https://orion.example/verify-email?token=tok-123_abc"');
});

test('the token rests sealed and is in no notification', async () => {
  await notification.signUp({ email: 'sealed@example.com', token: 'very-secret-token' });
  const rows = await notification.sql(
    'SELECT to_jsonb(n)::text AS n, to_jsonb(m)::text AS m FROM notifications n LEFT JOIN mails m USING (id)',
  );
  expect(JSON.stringify(rows)).not.toContain('very-secret-token');
});

test('an account that needs no verification gets no mail', async () => {
  await notification.signUp({ email: 'verified@example.com' });
  expect(await mailsTo('verified@example.com')).toEqual([]);
});

test('the event welcomes once, however often and by however many it is delivered', async () => {
  const { userId } = testViewer();
  const verificationToken = notification.sealer.seal('once', 'mail:verify-email');
  const event = envelopeOf(
    userRegistered.of({ userId, email: 'once@example.com', displayName: 'Once', locale: 'en', verificationToken }),
  );
  await notification.emit(event, event);
  await eventually(async () => (await mailsTo('once@example.com')).length > 0);
  await notification.redeliver(event);
  await notification.signUp();
  // The second fence: even a group that has forgotten the event tells nobody twice.
  await notification.sql('DELETE FROM inbox WHERE event_id = $1', [event.id]);
  await notification.redeliver(event);
  await eventually(
    async () => (await notification.sql('SELECT 1 FROM inbox WHERE event_id = $1', [event.id])).length > 0,
  );
  expect(await notification.sql('SELECT 1 FROM parked_events')).toEqual([]);
  expect(await mailsTo('once@example.com')).toHaveLength(1);
  expect(await notification.sql('SELECT rev, unseen, unread, total FROM inboxes WHERE user_id = $1', [userId])).toEqual(
    [{ rev: '1', unseen: 1, unread: 1, total: 1 }],
  );
});

test('the name is not in the mail: it goes to an address that nobody proved yet', async () => {
  await notification.signUp({ email: 'markup@example.com', displayName: 'Win at evil.example', token: 't' });
  const [mail] = await mailsTo('markup@example.com');
  expect(JSON.stringify(mail)).not.toContain('evil.example');
  expect(mail.text).toContain('its token can be sent with the verifyEmail mutation');
});

test('an address that would be more than one is not written to', async () => {
  const viewer = await notification.signUp({ email: 'a@example.com, b@example.com', token: 't' });
  expect(await mailsTo('a@example.com, b@example.com')).toEqual([]);
  const rows = await notification.sql(
    'SELECT n.status, m.status AS mail, m.error FROM notifications n JOIN mails m USING (id) WHERE recipient_id = $1',
    [viewer.userId],
  );
  expect(rows).toEqual([
    { status: 'FAILED', mail: 'FAILED', error: 'this is not an address that a mail can be sent to' },
  ]);
});

test('the profile knows the name better than the sign-up, whichever comes first', async () => {
  const viewer = testViewer();
  const { userId } = viewer;
  const person = { userId, displayName: 'Old', locale: 'en', email: 'order@example.com' };
  await notification.emit(
    envelopeOf(userCreated.of(person)),
    envelopeOf(userUpdated.of({ userId, displayName: 'New', locale: 'de' })),
    envelopeOf(userRegistered.of({ ...person, verificationToken: null })),
  );
  await eventually(
    async () => (await notification.sql('SELECT 1 FROM inboxes WHERE user_id = $1', [userId])).length > 0,
  );
  expect(await notification.sql('SELECT * FROM recipients WHERE user_id = $1', [userId])).toEqual([
    { user_id: userId, email: 'order@example.com', display_name: 'New', locale: 'de', deleted_at: null },
  ]);
});

test('who is deleted leaves nothing but an id behind, and does not come back', async () => {
  const { userId } = await notification.signUp({ email: 'gone@example.com', token: 't' });
  await notification.emit(envelopeOf(userDeleted.of({ userId })));
  await eventually(
    async () => (await notification.sql('SELECT 1 FROM notifications WHERE recipient_id = $1', [userId])).length === 0,
  );
  const person = { userId, email: 'gone@example.com', displayName: 'Gone', locale: 'en' };
  await notification.emit(
    envelopeOf(userRegistered.of({ ...person, verificationToken: null })),
    envelopeOf(userUpdated.of(person)),
  );
  await notification.signUp();
  expect(await mailsTo('gone@example.com')).toEqual([]);
  expect(await notification.sql('SELECT 1 FROM inboxes WHERE user_id = $1', [userId])).toEqual([]);
  expect(
    await notification.sql('SELECT email, display_name, locale FROM recipients WHERE user_id = $1', [userId]),
  ).toEqual([{ email: null, display_name: null, locale: null }]);
});
