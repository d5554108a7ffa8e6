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

test('of many guesses at once no more than five are checked, and then the right password is refused too', async () => {
  await auth.member('guessed@example.com');
  await Promise.all(
    Array.from({ length: 20 }, () => auth.login('guessed@example.com', { password: 'wrong password' })),
  );
  const [account] = await auth.sql<{ failed_attempts: number }>(
    "SELECT failed_attempts FROM accounts WHERE email = 'guessed@example.com'",
  );
  expect(account?.failed_attempts).toBe(5);
  expect((await auth.login('guessed@example.com')).tokens).toBeNull();
});

test('after the window of rest the right password works again', async () => {
  await auth.member('rested@example.com');
  for (let attempt = 0; attempt < 5; attempt += 1)
    await auth.login('rested@example.com', { password: 'wrong password' });
  await auth.sql(
    "UPDATE accounts SET attempts_since = now() - interval '16 minutes' WHERE email = 'rested@example.com'",
  );
  expect((await auth.login('rested@example.com')).tokens).not.toBeNull();
});
