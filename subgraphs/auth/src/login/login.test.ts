import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

test('the right password gives tokens, a session and a device to remember', async () => {
  await auth.member('right@example.com');
  const { tokens, userErrors } = await auth.login('Right@Example.com');
  expect(userErrors).toEqual([]);
  expect(tokens.accessToken.split('.')).toHaveLength(3);
  expect(tokens.deviceToken).toHaveLength(43);
  const again = await auth.login('right@example.com', { deviceToken: tokens.deviceToken });
  expect(again.tokens.deviceToken).toBe(tokens.deviceToken);
  expect(await auth.sql('SELECT id FROM devices WHERE user_id = $1', [tokens.user.id])).toHaveLength(1);
});

test('an unknown address and a wrong password get the same answer', async () => {
  await auth.member('known@example.com');
  const wrong = await auth.login('known@example.com', { password: 'wrong password' });
  const unknown = await auth.login('unknown@example.com');
  expect(unknown).toEqual(wrong);
  expect(wrong).toMatchObject({ tokens: null, userErrors: [{ code: 'INVALID_CREDENTIALS' }] });
});

test('an address that is not verified is told so only with the right password', async () => {
  await auth.register('unverified@example.com');
  expect((await auth.login('unverified@example.com', { password: 'wrong password' })).userErrors[0].code).toBe(
    'INVALID_CREDENTIALS',
  );
  expect((await auth.login('unverified@example.com')).userErrors[0].code).toBe('EMAIL_NOT_VERIFIED');
});

test('ID-07: of many guesses at once no more than five are checked, and then the right password is refused too', async () => {
  await auth.member('guessed@example.com');
  const guesses = await Promise.all(
    Array.from({ length: 20 }, () => auth.login('guessed@example.com', { password: 'wrong password' })),
  );
  expect(await attempts('guessed@example.com')).toEqual({ spent: 5, reserved: 0 });
  const refused = await auth.login('guessed@example.com');
  // A locked account, a wrong password and an address without an account look the same, also when many ask at once.
  const unknown = await Promise.all(Array.from({ length: 20 }, () => auth.login('nobody@example.com')));
  expect(new Set([refused, ...guesses, ...unknown].map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(refused).toMatchObject({ tokens: null, userErrors: [{ code: 'INVALID_CREDENTIALS' }] });
  expect(await attempts('nobody@example.com')).toEqual({ spent: 5, reserved: 0 });
});

test('of many logins at once with the right password all succeed', async () => {
  await auth.member('crowd@example.com');
  const answers = await Promise.all(Array.from({ length: 20 }, () => auth.login('crowd@example.com')));
  expect(answers.map(({ userErrors }) => userErrors)).toEqual(answers.map(() => []));
  expect(await attempts('crowd@example.com')).toEqual({ spent: 0, reserved: 0 });
});

test('the right password before the address is verified takes no attempt', async () => {
  await auth.register('eager@example.com');
  for (let round = 0; round < 7; round += 1) {
    expect((await auth.login('eager@example.com')).userErrors[0].code).toBe('EMAIL_NOT_VERIFIED');
  }
  await auth.query('mutation ($token: String!) { verifyEmail(input: { token: $token }) { verified } }', {
    variables: { token: await auth.verificationToken('eager@example.com') },
  });
  expect((await auth.login('eager@example.com')).tokens).not.toBeNull();
});

test('among wrong guesses in flight nobody with the right password gets a false refusal', async () => {
  await auth.member('mixed@example.com');
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      auth.login('mixed@example.com', index < 4 ? { password: 'wrong password' } : {}),
    ),
  );
  expect(answers.map(({ tokens }) => tokens !== null)).toEqual([...Array(4).fill(false), ...Array(4).fill(true)]);
});

test('attempts that another process holds are waited for, and for an address without an account just so', async () => {
  await auth.member('elsewhere@example.com');
  const hold = (email: string) =>
    auth.sql(
      `INSERT INTO rate_limits (purpose, key_hash, since, spent, reserved)
       VALUES ('login', sha256($1::bytea), now(), 0, 5)
       ON CONFLICT (purpose, key_hash) DO UPDATE SET since = now(), spent = 0, reserved = 5`,
      [email],
    );
  await Promise.all([hold('elsewhere@example.com'), hold('never@example.com')]);
  const tooLong = await Promise.all(
    ['elsewhere@example.com', 'never@example.com'].map((email) =>
      auth
        .login(email)
        .catch(
          (error: unknown) =>
            (JSON.parse((error as Error).message) as { extensions: { code: string } }[])[0]?.extensions.code,
        ),
    ),
  );
  expect(tooLong).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
  const waiting = auth.login('elsewhere@example.com');
  await auth.sql("UPDATE rate_limits SET reserved = 4 WHERE purpose = 'login' AND key_hash = sha256($1::bytea)", [
    'elsewhere@example.com',
  ]);
  expect((await waiting).tokens).not.toBeNull();
});

test('after the window of rest the right password works again', async () => {
  await auth.member('rested@example.com');
  for (let attempt = 0; attempt < 5; attempt += 1)
    await auth.login('rested@example.com', { password: 'wrong password' });
  expect((await auth.login('rested@example.com')).tokens).toBeNull();
  await auth.sql("UPDATE rate_limits SET since = now() - interval '16 minutes' WHERE key_hash = sha256($1::bytea)", [
    'rested@example.com',
  ]);
  await auth.sql("UPDATE credentials SET locked_until = locked_until - interval '16 minutes' WHERE email = $1", [
    'rested@example.com',
  ]);
  expect((await auth.login('rested@example.com')).tokens).not.toBeNull();
});

async function attempts(email: string) {
  const [row] = await auth.sql(
    "SELECT spent, reserved FROM rate_limits WHERE purpose = 'login' AND key_hash = sha256($1::bytea)",
    [email],
  );
  return row;
}
