import { eventually } from '@orion/platform/testing';
import { hashToken } from '../one-time-token/one-time-token.service.js';
import { PASSWORD, startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth({ LOGIN_FAILURES_PER_NETWORK: '100000' });
});
afterAll(() => auth?.stop());

const REQUEST = `mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { accepted userErrors { code } } }`;
const RESET = `mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) { reset userErrors { code path } } }`;
const NEW = 'a brand new battery';
const BAD_TOKEN = { reset: false, userErrors: [{ code: 'INVALID_TOKEN', path: ['input', 'token'] }] };
const DONE = { reset: true, userErrors: [] };
const request = async (email: string) => (await auth.query(REQUEST, { variables: { input: { email } } })).data;
const reset = async (token: string, newPassword = NEW) =>
  (await auth.query(RESET, { variables: { input: { token, newPassword } } })).data.resetPassword;
const accountOf = async (email: string) =>
  (await auth.sql('SELECT * FROM credentials WHERE email_canonical = lower($1)', [email]))[0] ?? {};

test('ID-04: the answer is the same whatever is known of the address, and the mail goes where the account says', async () => {
  await auth.member('Known@example.com');
  await auth.member('oauth-only@example.com');
  await auth.sql("UPDATE credentials SET password_hash = NULL WHERE email = 'oauth-only@example.com'");
  await auth.member('closed@example.com');
  await auth.sql("UPDATE credentials SET status = 'DISABLED' WHERE email = 'closed@example.com'");
  const addresses = ['known@EXAMPLE.com', 'oauth-only@example.com', 'closed@example.com', 'nobody@example.com', 'none'];
  const answers = await Promise.all(addresses.map(request));
  for (const answer of answers) expect(answer).toEqual({ requestPasswordReset: { accepted: true, userErrors: [] } });
  // ID-20: to the stored spelling, never to the one that was typed.
  expect(await auth.mailed('Known@example.com', 'reset')).toHaveLength(1);
  const [token = ''] = await auth.mailed('oauth-only@example.com', 'reset');
  expect(await reset(token)).toEqual(DONE);
  expect((await auth.login('oauth-only@example.com', { password: NEW })).tokens).not.toBeNull();
  expect(
    await auth.sql(
      "SELECT r.id FROM password_resets r JOIN credentials USING (user_id) WHERE email = 'closed@example.com'",
    ),
  ).toEqual([]);
});

test('ID-41: in the database is a hash of 256 bits that end after half an hour, and it is of no use', async () => {
  await auth.member('dumped@example.com');
  await request('dumped@example.com');
  const [token = ''] = await auth.mailed('dumped@example.com', 'reset');
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  const [row] = await auth.sql<{ hash: Buffer; minutes: number }>(
    `SELECT hash, extract(epoch FROM expires_at - requested_at)::int / 60 AS minutes
       FROM password_resets JOIN credentials USING (user_id) WHERE email = 'dumped@example.com'`,
  );
  expect(row?.minutes).toBe(30);
  expect(row?.hash).toEqual(hashToken(token));
  for (const dumped of [row?.hash.toString('hex'), row?.hash.toString('base64url'), row?.hash.toString('base64')]) {
    expect(await reset(dumped ?? '')).toEqual(BAD_TOKEN);
  }
  const rows = await auth.sql(
    'SELECT to_jsonb(r) AS row FROM password_resets r UNION ALL SELECT to_jsonb(o) FROM outbox o',
  );
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(await reset(token)).toEqual(DONE);
});

test('ID-42: only the first use of the newest token works', async () => {
  await auth.member('newest@example.com');
  await auth.member('other@example.com');
  await request('newest@example.com');
  await request('newest@example.com');
  const [older = '', newest = ''] = await auth.mailed('newest@example.com', 'reset', { least: 2 });
  expect(await reset(older)).toEqual(BAD_TOKEN);
  expect(await reset(newest, 'short')).toMatchObject({ reset: false, userErrors: [{ code: 'PASSWORD_TOO_SHORT' }] });
  expect(await reset(newest)).toEqual(DONE);
  expect(await reset(newest, 'another new battery')).toEqual(BAD_TOKEN);
  expect((await auth.login('newest@example.com', { password: NEW })).tokens).not.toBeNull();
  // There is nothing to say whose it is: it is of the account that it was made for.
  expect((await auth.login('other@example.com')).tokens).not.toBeNull();
  await request('newest@example.com');
  const [, , expired = ''] = await auth.mailed('newest@example.com', 'reset', { least: 3 });
  await auth.sql("UPDATE password_resets SET expires_at = now() - interval '1 second' WHERE hash = $1", [
    hashToken(expired),
  ]);
  expect(await reset(expired)).toEqual(BAD_TOKEN);
});

test('ID-43: a reset signs nobody in, ends all sessions, trusts no device, and whatever was mailed is dead', async () => {
  await auth.member('all-over@example.com');
  const { tokens } = await auth.login('all-over@example.com');
  await auth.sql("UPDATE devices SET trusted_until = now() + interval '30 days' WHERE user_id = $1", [tokens.user.id]);
  await auth.sql(
    "INSERT INTO login_codes (user_id, hash, expires_at) VALUES ($1, 'x'::bytea, now() + interval '5 minutes')",
    [tokens.user.id],
  );
  await request('all-over@example.com');
  const [token = ''] = await auth.mailed('all-over@example.com', 'reset');
  expect(await reset(token)).toEqual(DONE);
  const { data } = await auth.query(
    'mutation ($t: String!) { refreshTokens(input: { refreshToken: $t }) { tokens { accessToken } userErrors { code } } }',
    { variables: { t: tokens.refreshToken } },
  );
  expect(data.refreshTokens.tokens).toBeNull();
  const userId = tokens.user.id;
  expect(await auth.sql('SELECT revoked_reason FROM sessions WHERE user_id = $1', [userId])).toEqual([
    { revoked_reason: 'password-reset' },
  ]);
  expect(await auth.sql('SELECT trusted_until FROM devices WHERE user_id = $1', [userId])).toEqual([
    { trusted_until: null },
  ]);
  expect(await auth.sql('SELECT 1 FROM login_codes WHERE user_id = $1', [userId])).toEqual([]);
  expect((await auth.login('all-over@example.com')).tokens).toBeNull();
  const { types } = await auth.announcements('all-over@example.com');
  expect(types).toContain('dev.orion.user.password_reset_requested.v1');
});

test('ID-43: of a sign-in and a reset at once no session of the old password is left', async () => {
  for (let round = 0; round < 50; round += 1) {
    const email = `together-${round}@example.com`;
    await auth.member(email);
    await request(email);
    const [token = ''] = await auth.mailed(email, 'reset');
    const [answer] = await Promise.all([reset(token), ...Array.from({ length: 20 }, () => auth.login(email))]);
    expect(answer).toEqual(DONE);
    const alive = await auth.sql(
      'SELECT 1 FROM sessions JOIN credentials USING (user_id) WHERE email = $1 AND revoked_at IS NULL',
      [email],
    );
    expect({ round, alive: alive.length }).toEqual({ round, alive: 0 });
  }
}, 120_000);

test('ID-45: there is no redirect to give, whatever it is called', async () => {
  for (const field of ['redirect', 'redirectUri', 'redirectTo', 'callbackUrl', 'next']) {
    const { errors } = await auth.query(
      `mutation { requestPasswordReset(input: { email: "a@example.com", ${field}: "https://evil.example" }) { accepted } }`,
    );
    expect(errors[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  }
});

test('ID-49: of 50 wishes for one address three mails an hour come of it, and the answer stays', async () => {
  await auth.member('flooded@example.com');
  const answers = await Promise.all(Array.from({ length: 50 }, () => request('Flooded@example.com')));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  await eventually(async () => (await auth.sql('SELECT 1 FROM outbox')).length === 0);
  const tokens = await auth.mailed('flooded@example.com', 'reset', { least: 3 });
  expect(tokens).toHaveLength(3);
  // What others use up is not lost: the newest of the three works.
  expect(await reset(tokens.at(-1) ?? '')).toEqual(DONE);
});

test('ID-47: whoever registered an address that was not theirs is out when its owner comes with a mail', async () => {
  await auth.register('squatted@example.com', { password: 'the squatter was here' });
  const verification = await auth.verificationToken('squatted@example.com');
  const { user_id: userId } = await accountOf('squatted@example.com');
  await auth.sql(
    `INSERT INTO two_factor_auth (user_id, method, secret_sealed, confirmed_at) VALUES ($1, 'TOTP', 'sealed', now())`,
    [userId],
  );
  await auth.sql(
    `INSERT INTO oauth_providers (id, user_id, provider, issuer, subject, email_verified)
     VALUES (gen_random_uuid(), $1, 'google', 'https://issuer.example', 'squatter', true)`,
    [userId],
  );
  await request('squatted@example.com');
  const [token = ''] = await auth.mailed('squatted@example.com', 'reset');
  expect(await reset(token, PASSWORD)).toEqual(DONE);
  for (const table of ['two_factor_auth', 'oauth_providers', 'one_time_tokens']) {
    expect(await auth.sql(`SELECT 1 FROM ${table} WHERE user_id = $1`, [userId])).toEqual([]);
  }
  expect((await auth.login('squatted@example.com', { password: 'the squatter was here' })).tokens).toBeNull();
  expect((await auth.login('squatted@example.com')).tokens).not.toBeNull();
  const { data } = await auth.query('mutation ($t: String!) { verifyEmail(input: { token: $t }) { verified } }', {
    variables: { t: verification },
  });
  expect(data.verifyEmail.verified).toBe(false);
});
