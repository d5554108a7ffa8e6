import { eventually } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth({ LOGIN_FAILURES_PER_NETWORK: '100000' });
});
afterAll(() => auth?.stop());

const UNLOCK = 'mutation ($t: String!) { unlockAccount(input: { token: $t }) { unlocked userErrors { code } } }';
const unlock = async (t: string) => (await auth.query(UNLOCK, { variables: { t } })).data.unlockAccount;
const fail = async (email: string, times = 5, extra = {}) => {
  for (let attempt = 0; attempt < times; attempt += 1) await auth.login(email, { password: 'wrong battery', ...extra });
};
const GENERIC = { tokens: null, userErrors: [expect.objectContaining({ code: 'INVALID_CREDENTIALS', path: [] })] };
const accountOf = async (email: string) =>
  (
    await auth.sql<{ user_id: string; locked_until: Date | null }>('SELECT * FROM credentials WHERE email = $1', [
      email,
    ])
  )[0];
const eventsOf = (userId: string | undefined) =>
  auth.sql<{ type: string; details: object }>(
    'SELECT type, details FROM security_events WHERE user_id = $1 ORDER BY id',
    [userId],
  );

test('ID-08: after five wrong passwords the right one gets the same refusal, and only the owner is told why', async () => {
  await auth.member('locked@example.com');
  const wrong = await auth.login('locked@example.com', { password: 'wrong battery' });
  await fail('locked@example.com', 4);
  const right = await auth.login('locked@example.com');
  expect(right).toEqual(wrong);
  expect(right).toMatchObject(GENERIC);
  const account = await accountOf('locked@example.com');
  expect(account?.locked_until?.getTime()).toBeGreaterThan(Date.now());
  expect(await eventsOf(account?.user_id)).toEqual([
    { type: 'ACCOUNT_LOCKED', details: { lockedUntil: expect.any(String) } },
  ]);
  expect(await auth.mailed('locked@example.com', 'unlock')).toHaveLength(1);
  // More wrong ones tell nothing more.
  await fail('locked@example.com', 6);
  expect(await eventsOf(account?.user_id)).toHaveLength(1);
});

test('the link of the mail has passwords tried again, once', async () => {
  await auth.member('unlocked@example.com');
  await fail('unlocked@example.com');
  const [token = ''] = await auth.mailed('unlocked@example.com', 'unlock');
  const answers = await Promise.all(Array.from({ length: 20 }, () => unlock(token)));
  expect(answers.filter(({ unlocked }) => unlocked === true)).toHaveLength(1);
  expect(answers.find(({ unlocked }) => unlocked === false)).toEqual({
    unlocked: false,
    userErrors: [{ code: 'INVALID_TOKEN' }],
  });
  expect((await auth.login('unlocked@example.com')).tokens).not.toBeNull();
  expect((await eventsOf((await accountOf('unlocked@example.com'))?.user_id)).map(({ type }) => type)).toEqual([
    'ACCOUNT_LOCKED',
    'ACCOUNT_UNLOCKED',
  ]);
});

test('ID-09: nobody can lock the owner out of a device that they signed in on before', async () => {
  await auth.member('owner@example.com');
  await auth.member('neighbour@example.com');
  const { deviceToken } = (await auth.login('owner@example.com')).tokens;
  const foreign = (await auth.login('neighbour@example.com')).tokens.deviceToken;
  await fail('owner@example.com', 8);
  expect(await auth.login('owner@example.com')).toMatchObject(GENERIC);
  expect(await auth.login('owner@example.com', { deviceToken: foreign })).toMatchObject(GENERIC);
  expect(await auth.login('owner@example.com', { deviceToken: 'x'.repeat(43) })).toMatchObject(GENERIC);
  expect((await auth.login('owner@example.com', { deviceToken })).tokens).not.toBeNull();
  // It has five attempts of its own, and they are its own.
  await fail('owner@example.com', 5, { deviceToken });
  expect(await auth.login('owner@example.com', { deviceToken })).toMatchObject(GENERIC);
  // A device that was removed is as good as unknown.
  await auth.sql('UPDATE devices SET revoked_at = now() WHERE user_id = $1', [
    (await accountOf('owner@example.com'))?.user_id,
  ]);
  await auth.sql("DELETE FROM rate_limits WHERE purpose = 'login-device'");
  expect(await auth.login('owner@example.com', { deviceToken })).toMatchObject(GENERIC);
});

test('ID-02: what state an account is in is told only with the right password', async () => {
  await auth.register('unverified@example.com');
  for (const name of ['disabled', 'oauth', 'deleted', 'resting']) await auth.member(`${name}@example.com`);
  await auth.sql("UPDATE credentials SET status = 'DISABLED' WHERE email = 'disabled@example.com'");
  await auth.sql("UPDATE credentials SET password_hash = NULL WHERE email = 'oauth@example.com'");
  await auth.sql("UPDATE credentials SET status = 'DELETED' WHERE email = 'deleted@example.com'");
  await auth.sql(
    "UPDATE credentials SET locked_until = now() + interval '5 minutes' WHERE email = 'resting@example.com'",
  );
  const names = ['unverified', 'disabled', 'oauth', 'deleted', 'resting', 'unknown'];
  const wrong = [];
  for (const name of names) wrong.push(await auth.login(`${name}@example.com`, { password: 'wrong battery' }));
  expect(new Set(wrong.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(wrong[0]).toMatchObject(GENERIC);
  const right: string[] = [];
  for (const name of names) right.push((await auth.login(`${name}@example.com`)).userErrors[0].code);
  expect(right).toEqual([
    'EMAIL_NOT_VERIFIED',
    'ACCOUNT_DISABLED',
    'INVALID_CREDENTIALS',
    'INVALID_CREDENTIALS',
    'INVALID_CREDENTIALS',
    'INVALID_CREDENTIALS',
  ]);
});

test('ID-49: an hour has three mails of locks, however often somebody locks', async () => {
  await auth.member('harassed@example.com');
  for (let round = 0; round < 5; round += 1) {
    await fail('harassed@example.com');
    await auth.sql("DELETE FROM rate_limits WHERE purpose = 'login'");
    await auth.sql("UPDATE credentials SET locked_until = NULL WHERE email = 'harassed@example.com'");
  }
  await eventually(async () => (await auth.sql('SELECT 1 FROM outbox')).length === 0);
  expect(await auth.mailed('harassed@example.com', 'unlock', { least: 3 })).toHaveLength(3);
});

test('ID-10: one password at 200 addresses from one network is stopped, and operators are told', async () => {
  const sprayed = await startAuth({ LOGIN_FAILURES_PER_NETWORK: '20' });
  try {
    await sprayed.member('known-device@example.com');
    const { deviceToken } = (await sprayed.login('known-device@example.com')).tokens;
    const codes: string[] = [];
    for (let index = 0; index < 200; index += 1) {
      const answer = await sprayed
        .login(`victim-${index}@example.com`, { password: 'correct horse battery' })
        .catch((error: unknown) => ({
          userErrors: [(JSON.parse((error as Error).message) as { extensions: object }[])[0]?.extensions],
        }));
      codes.push((answer.userErrors[0] as { code: string }).code);
    }
    expect(codes.slice(0, 20)).toEqual(Array(20).fill('INVALID_CREDENTIALS'));
    expect(codes.slice(20)).toEqual(Array(180).fill('RATE_LIMITED'));
    expect(await sprayed.sql('SELECT type, severity, ip, details FROM security_events')).toEqual([
      {
        type: 'CREDENTIAL_STUFFING_SUSPECTED',
        severity: 'HIGH',
        ip: '127.0.0.1',
        // The last attempt is counted before it is written down.
        details: { network: '127.0.0.1', addresses: 19 },
      },
    ]);
    // Whoever is known there gets in all the same.
    expect((await sprayed.login('known-device@example.com', { deviceToken })).tokens).not.toBeNull();
    await sprayed.sql("UPDATE rate_limits SET since = since - interval '16 minutes' WHERE purpose = 'login-network'");
    expect((await sprayed.login('known-device@example.com')).tokens).not.toBeNull();
  } finally {
    await sprayed.stop();
  }
});
