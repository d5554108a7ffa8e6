import { eventually, testViewer } from '@orion/platform/testing';
import { PASSWORD, startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const REQUEST = `mutation ($input: RequestEmailChangeInput!) {
  requestEmailChange(input: $input) { accepted userErrors { code path } } }`;
const CONFIRM = `mutation ($input: ConfirmEmailChangeInput!) {
  confirmEmailChange(input: $input) { changed userErrors { code path } } }`;
const ACCEPTED = { accepted: true, userErrors: [] };

async function person(email: string) {
  await auth.member(email);
  const { tokens } = await auth.login(email);
  return testViewer({ userId: tokens.user.id, sessionId: tokens.session.id });
}
type Viewer = Awaited<ReturnType<typeof person>>;
const request = async (viewer: Viewer, newEmail: string) =>
  (await auth.query(REQUEST, { viewer, variables: { input: { newEmail } } })).data.requestEmailChange;
const confirm = async (token: string) =>
  (await auth.query(CONFIRM, { variables: { input: { token } } })).data.confirmEmailChange;
const bad = (code: string) => ({ changed: false, userErrors: [{ code, path: ['input', 'token'] }] });

test('the new address counts when it is proved, and everybody who keeps a copy hears of it', async () => {
  const viewer = await person('before@example.com');
  expect(await request(viewer, 'After@example.com')).toEqual(ACCEPTED);
  const [token = ''] = await auth.mailed('before@example.com', 'change');
  const other = (await auth.login('before@example.com')).tokens;
  expect(await confirm(token)).toEqual({ changed: true, userErrors: [] });
  // The session that asked for it goes on.
  expect(
    await auth.sql('SELECT id, revoked_reason FROM sessions WHERE user_id = $1 ORDER BY id', [viewer.userId]),
  ).toEqual([
    { id: viewer.sessionId, revoked_reason: null },
    { id: other.session.id, revoked_reason: 'email-changed' },
  ]);
  expect(await confirm(token)).toEqual(bad('INVALID_TOKEN'));
  expect((await auth.login('before@example.com')).tokens).toBeNull();
  expect((await auth.login('after@example.com')).tokens).not.toBeNull();
  const { types } = await auth.announcements('after@example.com');
  expect(types).toEqual(['dev.orion.user.email_changed.v1']);
  expect(await auth.sql('SELECT type FROM security_events WHERE user_id = $1', [viewer.userId])).toContainEqual({
    type: 'EMAIL_CHANGED',
  });
});

test('an address that has an account is told so; who asks is told what everybody is', async () => {
  await auth.member('taken@example.com');
  const viewer = await person('asker@example.com');
  expect(await request(viewer, 'taken@example.com')).toEqual(ACCEPTED);
  await eventually(
    async () =>
      (await auth.announcements('taken@example.com')).types.at(-1) === 'dev.orion.user.registration_repeated.v1',
  );
  expect(await auth.sql('SELECT 1 FROM email_changes WHERE user_id = $1', [viewer.userId])).toEqual([]);
  expect(await request(viewer, 'no address')).toEqual({
    accepted: false,
    userErrors: [{ code: 'EMAIL_INVALID', path: ['input', 'newEmail'] }],
  });
  expect(await request(viewer, 'asker@example.com')).toMatchObject({ userErrors: [{ code: 'EMAIL_UNCHANGED' }] });
});

test('an address that was registered meanwhile stays where it is', async () => {
  const viewer = await person('slow@example.com');
  await request(viewer, 'wanted@example.com');
  const [token = ''] = await auth.mailed('slow@example.com', 'change');
  await auth.register('wanted@example.com');
  expect(await confirm(token)).toEqual(bad('EMAIL_TAKEN'));
  expect((await auth.login('slow@example.com')).tokens).not.toBeNull();
});

test('ID-46: whatever was mailed to the address before does not work after it was changed', async () => {
  const viewer = await person('old@example.com');
  await auth.query('mutation { requestPasswordReset(input: { email: "old@example.com" }) { accepted } }');
  const [resetToken = ''] = await auth.mailed('old@example.com', 'reset');
  await request(viewer, 'first@example.com');
  await request(viewer, 'second@example.com');
  const [first = '', second = ''] = await auth.mailed('old@example.com', 'change', { least: 2 });
  expect(await confirm(first)).toEqual(bad('INVALID_TOKEN'));
  expect((await confirm(second)).changed).toBe(true);
  const { data } = await auth.query(
    'mutation ($t: String!) { resetPassword(input: { token: $t, newPassword: "a brand new battery" }) { reset } }',
    { variables: { t: resetToken } },
  );
  expect(data.resetPassword.reset).toBe(false);
  // An address that was to be verified and is not the account's any more.
  await auth.register('moved@example.com');
  const verification = await auth.verificationToken('moved@example.com');
  await auth.sql("UPDATE credentials SET email_verified_at = now() WHERE email = 'moved@example.com'");
  const { tokens } = await auth.login('moved@example.com');
  const mover = testViewer({ userId: tokens.user.id, sessionId: tokens.session.id });
  await request(mover, 'moved-on@example.com');
  const [change = ''] = await auth.mailed('moved@example.com', 'change');
  expect((await confirm(change)).changed).toBe(true);
  const verified = await auth.query('mutation ($t: String!) { verifyEmail(input: { token: $t }) { verified } }', {
    variables: { t: verification },
  });
  expect(verified.data.verifyEmail.verified).toBe(false);
});

test('ID-49: an hour has three such mails for one user, and for one address', async () => {
  const viewer = await person('restless@example.com');
  for (let round = 0; round < 6; round += 1) {
    expect(await request(viewer, `somewhere-${round}@example.com`)).toEqual(ACCEPTED);
  }
  await eventually(async () => (await auth.sql('SELECT 1 FROM outbox')).length === 0);
  expect(await auth.mailed('restless@example.com', 'change', { least: 3 })).toHaveLength(3);
});

test('the old password still works, and a password that is made of the new address is refused from then on', async () => {
  const viewer = await person('plain@example.com');
  await request(viewer, 'rabbithole@example.com');
  const [token = ''] = await auth.mailed('plain@example.com', 'change');
  await confirm(token);
  const { data } = await auth.query(
    `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`,
    { viewer, variables: { input: { currentPassword: PASSWORD, newPassword: 'rabbithole1' } } },
  );
  expect(data.changePassword.userErrors).toEqual([{ code: 'PASSWORD_TOO_SIMILAR' }]);
});
