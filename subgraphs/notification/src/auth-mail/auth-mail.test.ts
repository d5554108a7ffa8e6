import {
  userAccountLocked,
  userDeleted,
  userEmailChanged,
  userEmailChangeRequested,
  userLoginCodeRequested,
  userPasswordResetRequested,
} from '@orion/platform/event-contracts';
import type { EventEnvelope } from '@orion/platform/events';
import { eventually } from '@orion/platform/testing';
import { envelopeOf, startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await startNotification({ ORION_DEMO: 'true', PUBLIC_URL: 'https://orion.example/' });
});
afterAll(() => notification?.stop());

const MAILS = `query ($recipient: String) {
  capturedMessages(recipient: $recipient, first: 10) { nodes { recipient subject text html } } }`;
interface CapturedMail {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
const mailsTo = async (recipient: string): Promise<CapturedMail[]> =>
  (await notification.query(MAILS, { variables: { recipient } })).data.capturedMessages.nodes;
const firstMailTo = (recipient: string) => eventually(async () => (await mailsTo(recipient))[0]);
const seal = (token: string, purpose: string) => notification.sealer.seal(token, purpose);
const expiresAt = new Date(Date.now() + 60_000).toISOString();
const rest = { locale: null };

/** What each event asks for: the event for somebody, and what is secret in it. */
const LINKS: readonly [string, string, (userId: string, email: string) => EventEnvelope][] = [
  [
    'reset-password',
    'reset-token',
    (userId, email) =>
      envelopeOf(
        userPasswordResetRequested.of({
          userId,
          email,
          ...rest,
          expiresAt,
          resetToken: seal('reset-token', 'mail:password-reset'),
        }),
      ),
  ],
  [
    'unlock-account',
    'unlock-token',
    (userId, email) =>
      envelopeOf(
        userAccountLocked.of({
          userId,
          email,
          ...rest,
          lockedUntil: expiresAt,
          unlockToken: seal('unlock-token', 'mail:unlock-account'),
        }),
      ),
  ],
  [
    'confirm-email-change',
    'change-token',
    (userId, email) =>
      envelopeOf(
        userEmailChangeRequested.of({
          userId,
          email: `old-${email}`,
          newEmail: email,
          ...rest,
          expiresAt,
          changeToken: seal('change-token', 'mail:email-change'),
        }),
      ),
  ],
];

test.each(LINKS)(
  'ID-44: the mail for /%s has a link to where the configuration says, and its token',
  async (page, token, event) => {
    const email = `${page}@example.com`;
    const { userId } = await notification.signUp({ email: `account-${email}` });
    const one = event(userId, email);
    await notification.emit(one, one);
    const mail = await firstMailTo(email);
    await notification.redeliver(one);
    await notification.signUp();
    expect(await mailsTo(email)).toHaveLength(1);
    expect(mail.text).toContain(`https://orion.example/${page}?token=${token}`);
    expect(mail.html).toContain(`href="https://orion.example/${page}?token=${token}"`);
    expect(mail.text.match(/https?:\/\/[^/\s]+/g)).toEqual(['https://orion.example']);
    const rows = await notification.sql(
      'SELECT to_jsonb(n) AS n, to_jsonb(m) AS m FROM notifications n JOIN mails m USING (id)',
    );
    expect(JSON.stringify(rows)).not.toContain(token);
  },
);

test('the present address is told that another one is wanted, in the inbox and by mail, without a link', async () => {
  const { userId } = await notification.signUp({ email: 'present@example.com' });
  const changeToken = seal('secret-change', 'mail:email-change');
  await notification.emit(
    envelopeOf(
      userEmailChangeRequested.of({
        userId,
        email: 'present@example.com',
        newEmail: 'wanted@example.com',
        ...rest,
        expiresAt,
        changeToken,
      }),
    ),
  );
  const mail = await firstMailTo('present@example.com');
  expect(mail.subject).toBe('Another e-mail address is wanted for your account');
  // Whoever reads along in the old mailbox must not be able to confirm.
  expect(mail.text).not.toContain('http');
  expect(JSON.stringify(mail)).not.toContain('wanted@example.com');
  expect(
    await notification.sql(
      "SELECT channel FROM notifications WHERE recipient_id = $1 AND type = 'EMAIL_CHANGE_REQUESTED' ORDER BY channel",
      [userId],
    ),
  ).toEqual([{ channel: 'EMAIL' }, { channel: 'IN_APP' }]);
});

test('after a change mails go to the new address, and the old one gets the last', async () => {
  const { userId } = await notification.signUp({ email: 'left@example.com' });
  await notification.emit(envelopeOf(userEmailChanged.of({ userId, email: 'Here@example.com' })));
  const last = await firstMailTo('left@example.com');
  expect(last.subject).toBe('Your account has another e-mail address');
  expect(await notification.sql('SELECT email FROM recipients WHERE user_id = $1', [userId])).toEqual([
    { email: 'Here@example.com' },
  ]);
});

test('a code to sign in is in the mail alone', async () => {
  const { userId } = await notification.signUp({ email: 'code@example.com' });
  await notification.emit(
    envelopeOf(
      userLoginCodeRequested.of({
        userId,
        email: 'code@example.com',
        ...rest,
        expiresAt,
        code: seal('831-402', 'mail:login-code'),
      }),
    ),
  );
  const mail = await firstMailTo('code@example.com');
  expect(mail.subject).toBe('Your code to sign in');
  expect(mail.text).toContain('\n831-402\n');
  const rows = await notification.sql(
    'SELECT to_jsonb(n) AS n, to_jsonb(m) AS m FROM notifications n LEFT JOIN mails m USING (id)',
  );
  expect(JSON.stringify(rows)).not.toContain('831-402');
});

test('who is deleted gets none of them', async () => {
  const { userId } = await notification.signUp({ email: 'gone@example.com' });
  await notification.emit(
    envelopeOf(userDeleted.of({ userId })),
    ...LINKS.map(([, , event]) => event(userId, 'gone@example.com')),
    envelopeOf(userEmailChanged.of({ userId, email: 'gone@example.com' })),
  );
  const { userId: other } = await notification.signUp();
  const [, , last] = LINKS[0] ?? [];
  if (last === undefined) throw new Error('there are no links');
  await notification.emit(last(other, 'last-one@example.com'));
  await firstMailTo('last-one@example.com');
  expect(await mailsTo('gone@example.com')).toEqual([]);
  expect(await notification.sql('SELECT 1 FROM parked_events')).toEqual([]);
});
