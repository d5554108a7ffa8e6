import { runSchedule } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { enrolled, person, startEnrollment } from '../testing/people.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const count = async (from: string) =>
  Number((await auth.sql<{ count: string }>(`SELECT count(*) FROM ${from}`))[0]?.count);

test('what nobody can use any more is deleted, and nothing else', async () => {
  const signIn = async (email: string) => {
    await auth.member(email);
    return (await auth.login(email)).tokens as { session: { id: string }; refreshToken: string; deviceToken: string };
  };
  const [alive, ended, old, gone] = [
    await signIn('alive@example.com'),
    await signIn('ended@example.com'),
    await signIn('old@example.com'),
    await signIn('gone@example.com'),
  ];
  const rotate = `mutation ($t: String!) { refreshTokens(input: { refreshToken: $t }) { tokens { refreshToken } } }`;
  await auth.query(rotate, { variables: { t: alive.refreshToken } });
  await auth.register('waiting@example.com');
  await auth.register('expired@example.com');
  await auth.sql(`UPDATE one_time_tokens SET expires_at = now() - interval '1 second'
    WHERE user_id = (SELECT user_id AS id FROM credentials WHERE email = 'expired@example.com')`);
  await auth.sql("UPDATE sessions SET revoked_at = now() - interval '29 days' WHERE id = $1", [ended.session.id]);
  await auth.sql("UPDATE sessions SET expires_at = now() - interval '31 days' WHERE id = $1", [old.session.id]);
  await auth.sql("UPDATE sessions SET revoked_at = now() - interval '31 days' WHERE id = $1", [gone.session.id]);
  // Old are the devices of `alive` and of `gone`: only the latter's session is deleted.
  await auth.sql(`UPDATE devices SET last_seen_at = now() - interval '91 days'
    WHERE user_id IN (SELECT user_id AS id FROM credentials WHERE email IN ('alive@example.com', 'gone@example.com'))`);
  await auth.sql('UPDATE one_time_tokens SET expires_at = now() WHERE consumed_at IS NOT NULL');
  await auth.sql(`INSERT INTO rate_limits (purpose, key_hash, since, spent, reserved)
    SELECT 'login', sha256(n::text::bytea), now() - make_interval(mins => n), 5, 0 FROM unnest(ARRAY[59, 61]) n`);
  const limits = await count('rate_limits');

  await runSchedule(auth.databaseUrl, 'upkeep');

  expect(await count('rate_limits')).toBe(limits - 1);
  expect(await auth.sql('SELECT id FROM sessions ORDER BY id')).toEqual([
    { id: alive.session.id },
    { id: ended.session.id },
  ]);
  // The used token of a session that goes on stays: it shows when somebody uses a copy.
  expect(await auth.sql('SELECT DISTINCT session_id FROM auth_tokens')).toEqual([{ session_id: alive.session.id }]);
  expect(await count('auth_tokens')).toBe(2);
  expect(
    await auth.sql(
      'SELECT email FROM devices JOIN credentials ON credentials.user_id = devices.user_id ORDER BY email',
    ),
  ).toEqual([{ email: 'alive@example.com' }, { email: 'ended@example.com' }, { email: 'old@example.com' }]);
  expect(
    await auth.sql(
      'SELECT email FROM one_time_tokens JOIN credentials ON credentials.user_id = one_time_tokens.user_id',
    ),
  ).toEqual([{ email: 'waiting@example.com' }]);
});

test('a device that comes back after it was deleted is a new one', async () => {
  await auth.member('back@example.com');
  const { tokens } = await auth.login('back@example.com');
  await auth.sql('DELETE FROM devices WHERE user_id = $1', [tokens.user.id]);
  const again = await auth.login('back@example.com', { deviceToken: tokens.deviceToken });
  expect(again.tokens.deviceToken).not.toBe(tokens.deviceToken);
});

test('questions that nobody answered in time and enrolments that nobody finished are deleted, others stay', async () => {
  const owner = await enrolled(auth, 'factors@example.com');
  const slow = await person(auth, 'slow@example.com');
  const waiting = await person(auth, 'patient@example.com');
  await Promise.all([slow, waiting, owner].map((someone) => startEnrollment(auth, someone)));
  await auth.sql(
    `UPDATE two_factor_auth SET pending_expires_at = now() - interval '1 second' WHERE user_id = ANY($1)`,
    [[slow.userId, owner.userId]],
  );
  for (const [interval, suffix] of [
    ['-1 second', 'over'],
    ['1 minute', 'open'],
  ]) {
    await auth.sql(
      `INSERT INTO mfa_challenges (hash, user_id, purpose, methods, expires_at)
       VALUES (sha256($1::bytea), $2, 'login', '{pwd}', now() + $3::interval)`,
      [suffix, owner.userId, interval],
    );
    await auth.sql(
      `INSERT INTO passkey_challenges (hash, purpose, expires_at)
       VALUES (sha256($1::bytea), 'login', now() + $2::interval)`,
      [suffix, interval],
    );
    await auth.sql(
      `INSERT INTO login_codes (user_id, hash, expires_at) VALUES ($1, sha256($2::bytea), now() + $3::interval)`,
      [suffix === 'over' ? slow.userId : waiting.userId, suffix, interval],
    );
  }

  await runSchedule(auth.databaseUrl, 'upkeep');

  expect(await auth.sql('SELECT user_id FROM two_factor_auth ORDER BY user_id')).toEqual(
    [owner.userId, waiting.userId].toSorted().map((id) => ({ user_id: id })),
  );
  for (const table of ['mfa_challenges', 'passkey_challenges', 'login_codes'])
    expect(await auth.sql(`SELECT hash = sha256('open'::bytea) AS open FROM ${table}`)).toEqual([{ open: true }]);
});
