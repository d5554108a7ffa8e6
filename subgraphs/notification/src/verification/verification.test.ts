import { userDeleted, userRegistrationRepeated, userVerificationRequested } from '@orion/platform/event-contracts';
import { eventually } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification({ ORION_DEMO: 'true', PUBLIC_URL: 'https://orion.example/' });
});
afterAll(() => notification?.stop());

const MAILS = `query ($recipient: String) {
  capturedMessages(recipient: $recipient, first: 10) { nodes { recipient subject text } } }`;
const mailsTo = async (recipient: string) =>
  (await notification.query(MAILS, { variables: { recipient } })).data.capturedMessages.nodes;
const requested = (userId: string, { email, token }: { readonly email: string; readonly token: string }) =>
  envelopeOf(
    userVerificationRequested.of({
      userId,
      email,
      locale: null,
      verificationToken: notification.sealer.seal(token, 'mail:verify-email'),
    }),
  );

test('who asks again gets another mail with the new link, once, and no second welcome', async () => {
  const { userId } = await notification.signUp({ email: 'again@example.com', token: 'first-token' });
  const event = requested(userId, { email: 'Again@Example.com', token: 'second-token' });
  await notification.emit(event, event);
  await eventually(async () => (await mailsTo('again@example.com')).length > 1);
  await notification.redeliver(event);
  await notification.signUp();
  const [newest, ...older] = await mailsTo('again@example.com');
  expect(older).toHaveLength(1);
  expect(newest).toMatchObject({ recipient: 'Again@Example.com', subject: 'Confirm your e-mail address' });
  expect(newest.text).toContain('https://orion.example/verify-email?token=second-token');
  expect(
    await notification.sql('SELECT type, channel FROM notifications WHERE recipient_id = $1 ORDER BY id', [userId]),
  ).toEqual([
    { type: 'WELCOME', channel: 'IN_APP' },
    { type: 'WELCOME', channel: 'EMAIL' },
    { type: 'VERIFICATION', channel: 'EMAIL' },
  ]);
  expect(
    await notification.sql('SELECT email, display_name, locale FROM recipients WHERE user_id = $1', [userId]),
  ).toEqual([{ email: 'Again@Example.com', display_name: 'Alice', locale: 'en' }]);
  expect(JSON.stringify(await notification.sql('SELECT to_jsonb(m) FROM mails m'))).not.toContain('second-token');
});

test('who has an account is told so by mail, without a link', async () => {
  const { userId } = await notification.signUp({ email: 'member@example.com' });
  await notification.emit(
    envelopeOf(userRegistrationRepeated.of({ userId, email: 'member@example.com', locale: 'de' })),
  );
  await eventually(async () => (await mailsTo('member@example.com')).length > 0);
  const [mail, ...others] = await mailsTo('member@example.com');
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ subject: 'You already have an account' });
  expect(mail.text).not.toContain('http');
});

test('who is deleted gets neither mail', async () => {
  const { userId } = await notification.signUp({ email: 'left@example.com' });
  await notification.emit(
    envelopeOf(userDeleted.of({ userId })),
    requested(userId, { email: 'left@example.com', token: 't' }),
    envelopeOf(userRegistrationRepeated.of({ userId, email: 'left@example.com', locale: null })),
  );
  const last = requested((await notification.signUp()).userId, { email: 'last@example.com', token: 't' });
  await notification.emit(last);
  await eventually(async () => (await mailsTo('last@example.com')).length > 0);
  expect(await mailsTo('left@example.com')).toEqual([]);
  expect(await notification.sql('SELECT 1 FROM parked_events')).toEqual([]);
});
