import { uuidv7 } from '@orion/platform/ids';
import { decodeJwt } from 'jose';
import { PASSWORD, startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { enrolled, person, wrongCode } from '../testing/people.js';
import type { Person } from '../testing/people.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

/** As the viewer of a session whose owner proved who they are long ago. */
const stale = ({ viewer }: Person) => ({ ...viewer, authenticatedAt: Math.floor(Date.now() / 1_000) - 601 });
const reauthenticate = async (someone: Person, input: Readonly<Record<string, unknown>>) => {
  const { data, errors } = await auth.query(
    `mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) {
       accessToken expiresAt userErrors { code path } } }`,
    { variables: { input }, viewer: stale(someone) },
  );
  return {
    ...(data?.reauthenticate as { accessToken: string; userErrors: { code: string }[] }),
    refusals: errors.map(({ extensions }) => extensions['code']),
  };
};
const codesOf = ({ userErrors }: { readonly userErrors: readonly { readonly code: string }[] }) =>
  userErrors.map(({ code }) => code);

test.each([
  'startTotpEnrollment { secret }',
  'confirmTotpEnrollment(input: { code: "123456" }) { backupCodes }',
  'disableTwoFactor(input: { code: "123456" }) { disabled }',
  'regenerateBackupCodes(input: { code: "123456" }) { backupCodes }',
  'trustDevice { device { id } }',
  'startPasskeyRegistration { options }',
  'finishPasskeyRegistration(input: { response: {} }) { passkey { id } }',
  'removePasskey(input: { id: "00000000-0000-7000-8000-000000000000" }) { passkey { id } }',
])('ID-48: %s asks for a proof that is at most ten minutes old', async (mutation) => {
  const someone = await person(auth, `${uuidv7()}@example.com`);
  const { errors } = await auth.query(`mutation { ${mutation} }`, { viewer: stale(someone) });
  expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['STEP_UP_REQUIRED']);
});

test('the password gives an access token of the same session that says so', async () => {
  const someone = await person(auth, 'password@example.com');
  await auth.sql("UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1", [someone.sessionId]);
  const { accessToken, userErrors } = await reauthenticate(someone, { password: PASSWORD });
  expect(userErrors).toEqual([]);
  const claims = decodeJwt(accessToken);
  expect(claims).toMatchObject({ sub: someone.userId, sid: someone.sessionId, amr: ['pwd'] });
  expect(Date.now() / 1_000 - Number(claims['auth_time'])).toBeLessThan(60);
});

test('with a second factor set up the password is not enough, and a code is', async () => {
  const owner = await enrolled(auth, 'both@example.com');
  expect(codesOf(await reauthenticate(owner, { password: PASSWORD }))).toEqual(['SECOND_FACTOR_REQUIRED']);
  const wrong = await reauthenticate(owner, { password: PASSWORD, code: wrongCode(owner.app) });
  expect(codesOf(wrong)).toEqual(['INVALID_CODE']);
  const code = owner.app.code(1);
  expect(codesOf(await reauthenticate(owner, { password: 'wrong password', code }))).toEqual(['WRONG_PASSWORD']);
  const { accessToken } = await reauthenticate(owner, { code });
  expect(decodeJwt(accessToken)).toMatchObject({ sid: owner.sessionId, amr: ['pwd', 'otp', 'mfa'] });
  // The code is used up with that.
  expect(codesOf(await reauthenticate(owner, { code }))).toEqual(['INVALID_CODE']);
  const backup = { code: owner.backupCodes[0], method: 'BACKUP_CODE' };
  expect(codesOf(await reauthenticate(owner, backup))).toEqual([]);
});

test('without a proof, and with one that is none, nothing is renewed', async () => {
  const someone = await person(auth, 'nothing@example.com');
  expect(codesOf(await reauthenticate(someone, {}))).toEqual(['PROOF_MISSING']);
  expect(codesOf(await reauthenticate(someone, { password: 'wrong password' }))).toEqual(['WRONG_PASSWORD']);
  expect(codesOf(await reauthenticate(someone, { code: '123456' }))).toEqual(['MFA_NOT_ENABLED']);
  expect(codesOf(await reauthenticate(someone, { passkey: { id: 'x' } }))).toEqual(['PASSKEY_REFUSED']);
});

test('wrong passwords are counted: after five not even the right one is taken', async () => {
  const someone = await person(auth, 'guessing@example.com');
  for (let attempt = 0; attempt < 5; attempt += 1) await reauthenticate(someone, { password: `wrong ${attempt}` });
  const { refusals } = await reauthenticate(someone, { password: PASSWORD });
  expect(refusals).toEqual(['RATE_LIMITED']);
});

test('a session that ended proves nothing', async () => {
  const someone = await person(auth, 'ended@example.com');
  await auth.query('mutation { logout { revokedSessions } }', { viewer: someone.viewer });
  const { refusals } = await reauthenticate(someone, { password: PASSWORD });
  expect(refusals).toEqual(['UNAUTHENTICATED']);
});
