import { createTotpApp } from '@orion/platform/testing';
import { PASSWORD, startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import {
  challenge,
  completeMfa,
  confirm,
  enrolled,
  forgetUsedCodes,
  person,
  startEnrollment,
  wrongCode,
} from '../testing/people.js';
import type { Person } from '../testing/people.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const STATUS = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User {
  twoFactor { enabled methods confirmedAt backupCodesLeft } } } }`;
async function statusOf({ userId, viewer }: Person) {
  const of = [{ __typename: 'User', id: userId }];
  return (await auth.query(STATUS, { variables: { of }, viewer })).data._entities[0].twoFactor;
}
const errorsOf = (payload: { readonly userErrors: readonly { readonly code: string }[] }) =>
  payload.userErrors.map(({ code }) => code);
const eventsOf = async ({ userId }: Person) =>
  (
    await auth.sql<{ type: string }>(
      "SELECT type FROM security_events WHERE user_id = $1 AND type LIKE 'TWO_FACTOR%' ORDER BY id",
      [userId],
    )
  ).map(({ type }) => type);
const disable = async ({ viewer }: Person, input: Readonly<Record<string, unknown>>) =>
  (
    await auth.query(
      'mutation ($input: DisableTwoFactorInput!) { disableTwoFactor(input: $input) { disabled userErrors { code path } } }',
      { variables: { input }, viewer },
    )
  ).data.disableTwoFactor;

test('an enrolment gives a secret, a link and a QR code of it', async () => {
  const someone = await person(auth, 'qr@example.com');
  const { data } = await auth.query(
    'mutation { startTotpEnrollment { secret otpauthUri qrSvg userErrors { code } } }',
    { viewer: someone.viewer },
  );
  const { secret, otpauthUri, qrSvg } = data.startTotpEnrollment;
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(otpauthUri);
  expect(uri.protocol).toBe('otpauth:');
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: 'ORION',
    secret,
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
  expect(decodeURIComponent(uri.pathname)).toContain('qr@example.com');
  expect(qrSvg).toMatch(/^<svg [^]*<\/svg>\s*$/);
});

test('ID-56: a second factor is asked for once a code has confirmed it, and an enrolment anew replaces it only then', async () => {
  const someone = await person(auth, 'pending@example.com');
  const first = await startEnrollment(auth, someone);
  expect((await auth.login(someone.email)).tokens).not.toBeNull();
  expect(await statusOf(someone)).toEqual({ enabled: false, methods: [], confirmedAt: null, backupCodesLeft: 0 });
  expect(errorsOf(await confirm(auth, someone, wrongCode(first)))).toEqual(['INVALID_CODE']);
  expect((await auth.login(someone.email)).tokens).not.toBeNull();

  const { backupCodes } = await confirm(auth, someone, first.code());
  expect(backupCodes).toHaveLength(10);
  expect(await statusOf(someone)).toMatchObject({
    enabled: true,
    methods: ['TOTP', 'BACKUP_CODE'],
    backupCodesLeft: 10,
  });
  await forgetUsedCodes(auth, someone);

  // The first goes on while a second enrolment waits, and the second's codes are worth nothing.
  const second = await startEnrollment(auth, someone);
  const token = await challenge(auth, someone.email);
  expect(errorsOf(await completeMfa(auth, { challenge: token, code: second.code() }))).toEqual(['INVALID_CODE']);
  expect((await completeMfa(auth, { challenge: token, code: first.code() })).tokens).not.toBeNull();

  expect(errorsOf(await confirm(auth, someone, second.code()))).toEqual([]);
  await forgetUsedCodes(auth, someone);
  const again = await challenge(auth, someone.email);
  expect(errorsOf(await completeMfa(auth, { challenge: again, code: first.code() }))).toEqual(['INVALID_CODE']);
  expect((await completeMfa(auth, { challenge: again, code: second.code() })).tokens).not.toBeNull();
  expect(await eventsOf(someone)).toEqual(['TWO_FACTOR_ENABLED', 'TWO_FACTOR_ENABLED']);
});

test('ID-56: an enrolment that waited too long has to begin again', async () => {
  const someone = await person(auth, 'slow@example.com');
  const app = await startEnrollment(auth, someone);
  await auth.sql('UPDATE two_factor_auth SET pending_expires_at = now() WHERE user_id = $1', [someone.userId]);
  expect(errorsOf(await confirm(auth, someone, app.code()))).toEqual(['ENROLLMENT_NOT_STARTED']);
});

test('whoever gave the password alone cannot put a factor of theirs in place of the one that is set up', async () => {
  const owner = await enrolled(auth, 'trusting@example.com');
  const token = await challenge(auth, owner.email, { deviceToken: owner.deviceToken });
  await completeMfa(auth, { challenge: token, code: owner.app.code(1), trustDevice: true });
  const { tokens } = await auth.login(owner.email, { deviceToken: owner.deviceToken });
  const viewer = { ...owner.viewer, sessionId: tokens.session.id as string };
  const { data } = await auth.query('mutation { startTotpEnrollment { secret userErrors { code } } }', { viewer });
  expect(data.startTotpEnrollment).toEqual({ secret: null, userErrors: [{ code: 'SECOND_FACTOR_REQUIRED' }] });
});

test.each([
  ['full-width digits', '\uff11\uff12\uff13\uff14\uff15\uff16'],
  ['Arabic digits', '\u0661\u0662\u0663\u0664\u0665\u0666'],
  ['spaces', '123 456'],
  ['a space before', ' 12345'],
  ['seven digits', '1234567'],
  ['five digits', '12345'],
  ['a line break behind', '123456\n'],
  ['a sign', '+12345'],
  ['an exponent', '1e5000'],
  ['nothing', ''],
])('ID-27: %s is no code, and is said so everywhere without an attempt being counted', async (what, code) => {
  const owner = await enrolled(auth, `shape-${what.replaceAll(' ', '-')}@example.com`);
  const token = await challenge(auth, owner.email);
  expect(errorsOf(await completeMfa(auth, { challenge: token, code }))).toEqual(['CODE_MALFORMED']);
  expect(errorsOf(await confirm(auth, owner, code))).toEqual(['CODE_MALFORMED']);
  expect(errorsOf(await disable(owner, { code, password: PASSWORD }))).toEqual(['CODE_MALFORMED']);
  expect(
    await auth.sql(
      `SELECT attempts, failed_count FROM mfa_challenges JOIN two_factor_auth USING (user_id) WHERE user_id = $1`,
      [owner.userId],
    ),
  ).toEqual([{ attempts: 0, failed_count: 0 }]);
});

test('ID-57: to take the second factor away needs the password and a code', async () => {
  const owner = await enrolled(auth, 'disable@example.com');
  const code = owner.app.code(1);
  expect(errorsOf(await disable(owner, { code }))).toEqual(['WRONG_PASSWORD']);
  expect(errorsOf(await disable(owner, { code, password: 'wrong password' }))).toEqual(['WRONG_PASSWORD']);
  expect(errorsOf(await disable(owner, { code: wrongCode(owner.app), password: PASSWORD }))).toEqual(['INVALID_CODE']);
  expect((await statusOf(owner)).enabled).toBe(true);
  expect(await disable(owner, { code, password: PASSWORD })).toEqual({ disabled: true, userErrors: [] });
  expect(await statusOf(owner)).toMatchObject({ enabled: false, backupCodesLeft: 0 });
  expect((await auth.login(owner.email)).tokens).not.toBeNull();
  expect(await eventsOf(owner)).toEqual(['TWO_FACTOR_ENABLED', 'TWO_FACTOR_DISABLED']);
});

test('ID-57: backup codes are shown once; new ones need the password and a code, and end the old ones', async () => {
  const owner = await enrolled(auth, 'codes@example.com');
  const regenerate = async (input: Readonly<Record<string, unknown>>) =>
    (
      await auth.query(
        `mutation ($input: RegenerateBackupCodesInput!) { regenerateBackupCodes(input: $input) {
           backupCodes userErrors { code } } }`,
        { variables: { input }, viewer: owner.viewer },
      )
    ).data.regenerateBackupCodes;
  expect(errorsOf(await regenerate({ code: owner.app.code(1) }))).toEqual(['WRONG_PASSWORD']);
  const { backupCodes } = await regenerate({ code: owner.app.code(1), password: PASSWORD });
  expect(new Set([...backupCodes, ...owner.backupCodes]).size).toBe(20);
  const token = await challenge(auth, owner.email);
  const use = (code = '') => completeMfa(auth, { challenge: token, method: 'BACKUP_CODE', code });
  expect(errorsOf(await use(owner.backupCodes[0]))).toEqual(['INVALID_CODE']);
  // As people type it.
  expect((await use(` ${backupCodes[0].toLowerCase().replaceAll('-', ' ')}`)).tokens).not.toBeNull();
  expect((await statusOf(owner)).backupCodesLeft).toBe(9);
});

test('ID-52: neither the secret nor a backup code is in the database, nor what a hash of one alone would find', async () => {
  const someone = await person(auth, 'sealed@example.com');
  const { data } = await auth.query('mutation { startTotpEnrollment { secret } }', { viewer: someone.viewer });
  const { secret } = data.startTotpEnrollment as { secret: string };
  const { backupCodes } = await confirm(auth, someone, createTotpApp(secret).code());
  const [row] = await auth.sql<{ everything: string }>(
    `SELECT (SELECT string_agg(t::text, ' ') FROM two_factor_auth t WHERE user_id = $1)
         || (SELECT string_agg(b::text, ' ') FROM backup_codes b WHERE user_id = $1) AS everything`,
    [someone.userId],
  );
  expect(row?.everything).not.toContain(secret);
  for (const code of backupCodes) {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    expect(row?.everything).not.toContain(code.replaceAll('-', ''));
  }
  const hashed = await auth.sql(
    "SELECT hash FROM backup_codes WHERE hash = ANY(SELECT sha256(replace(code, '-', '')::bytea) FROM unnest($1::text[]) code)",
    [backupCodes],
  );
  expect(hashed).toEqual([]);
});

test("another's second factor cannot be seen", async () => {
  const [owner, stranger] = [await enrolled(auth, 'seen@example.com'), await person(auth, 'nosy@example.com')];
  const of = [{ __typename: 'User', id: owner.userId }];
  const { data, errors } = await auth.query(STATUS, { variables: { of }, viewer: stranger.viewer });
  expect(data._entities).toEqual([{ twoFactor: null }]);
  expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN']);
});
