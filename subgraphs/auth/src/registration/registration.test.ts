import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const VERIFY =
  'mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { verified userErrors { code path } } }';
const verify = async (token: string) =>
  (await auth.query(VERIFY, { variables: { input: { token } } })).data.verifyEmail;

test('ID-20 ID-26: of many registrations of one address at once exactly one makes an account, and all get the same answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => auth.register(index % 2 === 0 ? 'race@example.com' : 'RACE@example.com')),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(
    await auth.sql("SELECT user_id AS id FROM credentials WHERE email_canonical = 'race@example.com'"),
  ).toHaveLength(1);
});

test.each([
  ['an address without a host', { email: 'alice' }, 'EMAIL_INVALID', 'email'],
  ['a look-alike address', { email: 'ａlice@example.com' }, 'EMAIL_INVALID', 'email'],
  ['a KELVIN SIGN, whose lower case is k', { email: '\u212aim@example.com' }, 'EMAIL_INVALID', 'email'],
  ['a second header in the address', { email: 'a@example.com\r\nBcc: b@example.com' }, 'EMAIL_INVALID', 'email'],
  ['a zero-width space in the address', { email: 'al\u200bice@example.com' }, 'EMAIL_INVALID', 'email'],
  ['a long s, whose upper case is S', { email: '\u017fam@example.com' }, 'EMAIL_INVALID', 'email'],
  ['a homograph of a domain', { email: 'alice@ex\u0430mple.com' }, 'EMAIL_INVALID', 'email'],
  ['a name that is read backwards', { displayName: 'Alice\u202egnp' }, 'DISPLAY_NAME_INVALID', 'displayName'],
  ['an invisible name', { displayName: '\u200b' }, 'DISPLAY_NAME_INVALID', 'displayName'],
  ['a line break in the name', { displayName: 'Alice\nBob' }, 'DISPLAY_NAME_INVALID', 'displayName'],
  ['a locale that is none', { locale: 'not a locale' }, 'LOCALE_INVALID', 'locale'],
  ['a short password', { password: 'short' }, 'PASSWORD_TOO_SHORT', 'password'],
  ['a megabyte of password', { password: 'x'.repeat(1_000_000) }, 'PASSWORD_TOO_LONG', 'password'],
  [
    'a password made of the address',
    { email: 'wonderland@example.com', password: 'wonderland1' },
    'PASSWORD_TOO_SIMILAR',
    'password',
  ],
])('ID-20 ID-21 ID-22: %s is refused with a code at the field', async (_what, input, code, field) => {
  const { email = 'fine@example.com', ...rest } = input as { email?: string };
  expect(await auth.register(email, rest)).toEqual({ accepted: false, userErrors: [{ code, path: ['input', field] }] });
});

test('a verification token works once, also when it is used many times at once', async () => {
  await auth.register('once@example.com');
  const token = await auth.verificationToken('once@example.com');
  const answers = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
  expect(answers.filter(({ verified }) => verified)).toHaveLength(1);
  expect(answers.find(({ verified }) => !verified).userErrors).toEqual([
    { code: 'INVALID_TOKEN', path: ['input', 'token'] },
  ]);
});

test('the token is nowhere in plain: not in the database, not on the bus', async () => {
  await auth.register('secret@example.com');
  const token = await auth.verificationToken('secret@example.com');
  const rows = await auth.sql(
    "SELECT encode(hash, 'escape') AS hash FROM one_time_tokens UNION ALL SELECT outbox::text FROM outbox",
  );
  expect(JSON.stringify(rows)).not.toContain(token);
  expect((await verify('not-the-token')).verified).toBe(false);
  expect((await verify(token)).verified).toBe(true);
});
