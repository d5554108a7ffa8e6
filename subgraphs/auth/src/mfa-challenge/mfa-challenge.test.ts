import { startSubgraph } from '@orion/platform/subgraph';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { subgraph } from '../subgraph.js';
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

const ROUNDS = 50;
const AT_ONCE = 20;

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const errorsOf = (payload: { readonly userErrors: readonly { readonly code: string }[] }) =>
  payload.userErrors.map(({ code }) => code);
const count = async (from: string, { userId }: Pick<Person, 'userId'>) =>
  Number((await auth.sql<{ count: string }>(`SELECT count(*) FROM ${from}`, [userId]))[0]?.count);
const sessionsOf = (someone: Pick<Person, 'userId'>) => count('sessions WHERE user_id = $1', someone);
/** Copies of a challenge, so that none has to hash a password. Returns their tokens. */
async function challenges(someone: Pick<Person, 'userId'>, tokens: readonly string[]): Promise<void> {
  await auth.sql(
    `INSERT INTO mfa_challenges (hash, user_id, purpose, methods, password_changed_at, expires_at)
     SELECT sha256(token::bytea), user_id, 'login', '{pwd}', password_changed_at, now() + interval '5 minutes'
       FROM credentials, unnest($2::text[]) AS token WHERE user_id = $1`,
    [someone.userId, tokens],
  );
}

test('ID-50: a code works once, and none of an earlier step after a newer one, whatever the session', async () => {
  const someone = await person(auth, 'replay@example.com');
  const app = await startEnrollment(auth, someone);
  const enrolment = app.code();
  await confirm(auth, someone, enrolment);
  // The code of the enrolment is used up.
  const first = await challenge(auth, someone.email);
  expect(errorsOf(await completeMfa(auth, { challenge: first, code: enrolment }))).toEqual(['INVALID_CODE']);
  const next = app.code(1);
  expect((await completeMfa(auth, { challenge: first, code: next })).tokens).not.toBeNull();
  const second = await challenge(auth, someone.email);
  expect(errorsOf(await completeMfa(auth, { challenge: second, code: next }))).toEqual(['INVALID_CODE']);
  for (const steps of [0, -1])
    expect(errorsOf(await completeMfa(auth, { challenge: second, code: app.code(steps) }))).toEqual(['INVALID_CODE']);
});

test('ID-50: a code that one process took works in no other', async () => {
  const owner = await enrolled(auth, 'replicas@example.com');
  const other = await startSubgraph(subgraph, auth.environment);
  const tokens = [await challenge(auth, owner.email), await challenge(auth, owner.email)];
  const code = owner.app.code(1);
  const answer = async (url: string, token: string) => {
    const body = JSON.stringify({
      query: `mutation { completeMfa(input: { challenge: "${token}", method: TOTP, code: "${code}" }) {
        tokens { user { id } } userErrors { code } } }`,
    });
    const headers = { 'content-type': 'application/json', 'x-orion-context': await auth.sign(body, null) };
    const response = await fetch(url, { method: 'POST', headers, body });
    return ((await response.json()) as { data: { completeMfa: { tokens: unknown } } }).data.completeMfa;
  };
  const answers = await Promise.all([
    answer(auth.url, tokens[0] ?? ''),
    answer(`http://127.0.0.1:${other.port}/graphql`, tokens[1] ?? ''),
  ]);
  await other.stop();
  expect(answers.filter(({ tokens: given }) => given !== null)).toHaveLength(1);
});

test('ID-51: of 20 answers at once to one challenge with the right code one begins a session', async () => {
  const owner = await enrolled(auth, 'race@example.com');
  const before = await sessionsOf(owner);
  const winners: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await forgetUsedCodes(auth, owner);
    await challenges(owner, [`one-${round}`]);
    const code = owner.app.code();
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => completeMfa(auth, { challenge: `one-${round}`, code })),
    );
    winners.push(answers.filter(({ tokens }) => tokens !== null).length);
  }
  expect(winners).toEqual(winners.map(() => 1));
  expect(await sessionsOf(owner)).toBe(before + ROUNDS);
}, 120_000);

test('ID-51: one right code at once for 20 challenges begins one session', async () => {
  const owner = await enrolled(auth, 'many@example.com');
  const before = await sessionsOf(owner);
  for (let round = 0; round < ROUNDS; round += 1) {
    await auth.sql(
      'UPDATE two_factor_auth SET last_step = 0, failed_count = 0, locked_until = NULL WHERE user_id = $1',
      [owner.userId],
    );
    const tokens = Array.from({ length: AT_ONCE }, (_, index) => `many-${round}-${index}`);
    await challenges(owner, tokens);
    const code = owner.app.code();
    await Promise.all(tokens.map((token) => completeMfa(auth, { challenge: token, code })));
  }
  expect(await sessionsOf(owner)).toBe(before + ROUNDS);
}, 120_000);

test('ID-52: of 20 uses at once of one backup code one begins a session, and one code is gone', async () => {
  const owner = await enrolled(auth, 'backup-race@example.com');
  const before = await sessionsOf(owner);
  for (let round = 0; round < ROUNDS; round += 1) {
    await auth.sql('UPDATE backup_codes SET used_at = NULL WHERE user_id = $1', [owner.userId]);
    await auth.sql('UPDATE two_factor_auth SET failed_count = 0, locked_until = NULL WHERE user_id = $1', [
      owner.userId,
    ]);
    const tokens = Array.from({ length: AT_ONCE }, (_, index) => `backup-${round}-${index}`);
    await challenges(owner, tokens);
    const code = owner.backupCodes[round % 10] ?? '';
    await Promise.all(tokens.map((token) => completeMfa(auth, { challenge: token, method: 'BACKUP_CODE', code })));
    expect(await count('backup_codes WHERE user_id = $1 AND used_at IS NULL', owner)).toBe(9);
  }
  expect(await sessionsOf(owner)).toBe(before + ROUNDS);
  expect(await count("security_events WHERE user_id = $1 AND type = 'BACKUP_CODE_USED'", owner)).toBe(ROUNDS);
}, 120_000);

test('ID-53: five wrong codes end a challenge, also when they come at once, and the right one does not help then', async () => {
  const owner = await enrolled(auth, 'five@example.com');
  for (let round = 0; round < ROUNDS; round += 1) {
    await auth.sql(
      'UPDATE two_factor_auth SET last_step = 0, failed_count = 0, locked_until = NULL WHERE user_id = $1',
      [owner.userId],
    );
    const token = `five-${round}`;
    await challenges(owner, [token]);
    const wrong = wrongCode(owner.app);
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => completeMfa(auth, { challenge: token, code: wrong })),
    );
    expect(answers.filter((answer) => errorsOf(answer)[0] === 'INVALID_CODE')).toHaveLength(5);
    expect(answers.filter((answer) => errorsOf(answer)[0] === 'INVALID_CHALLENGE')).toHaveLength(15);
    expect(errorsOf(await completeMfa(auth, { challenge: token, code: owner.app.code() }))).toEqual([
      'INVALID_CHALLENGE',
    ]);
    expect(await count('two_factor_auth WHERE user_id = $1 AND failed_count = 5', owner)).toBe(1);
  }
}, 120_000);

test('ID-53: ten wrong codes over challenges and kinds of codes lock for 15 minutes, and a new sign-in forgets none', async () => {
  const owner = await enrolled(auth, 'ten@example.com');
  const guess = (token: string, method: 'TOTP' | 'BACKUP_CODE') =>
    completeMfa(auth, {
      challenge: token,
      method,
      code: method === 'TOTP' ? wrongCode(owner.app) : '0000-0000-0000',
    });
  const codes: string[] = [];
  for (const method of ['TOTP', 'BACKUP_CODE', 'TOTP'] as const) {
    const token = await challenge(auth, owner.email);
    for (let attempt = 0; attempt < 4; attempt += 1) codes.push(...errorsOf(await guess(token, method)));
  }
  expect(codes).toEqual([...Array(10).fill('INVALID_CODE'), 'TOO_MANY_ATTEMPTS', 'TOO_MANY_ATTEMPTS']);
  const token = await challenge(auth, owner.email);
  const right = { challenge: token, code: owner.app.code(1) };
  expect(errorsOf(await completeMfa(auth, right))).toEqual(['TOO_MANY_ATTEMPTS']);
  expect(await count("security_events WHERE user_id = $1 AND type = 'TWO_FACTOR_LOCKED'", owner)).toBe(1);
  const [lock] = await auth.sql<{ minutes: number }>(
    'SELECT round(extract(epoch FROM locked_until - now()) / 60)::int AS minutes FROM two_factor_auth WHERE user_id = $1',
    [owner.userId],
  );
  expect(lock?.minutes).toBe(15);

  await auth.sql("UPDATE two_factor_auth SET locked_until = now() - interval '1 second' WHERE user_id = $1", [
    owner.userId,
  ]);
  expect((await completeMfa(auth, right)).tokens).not.toBeNull();
});

test('ID-54: before the second factor there is no session, no device and nothing to refresh', async () => {
  const owner = await enrolled(auth, 'before@example.com');
  const before = { sessions: await sessionsOf(owner), devices: await count('devices WHERE user_id = $1', owner) };
  const token = await challenge(auth, owner.email);
  expect({ sessions: await sessionsOf(owner), devices: await count('devices WHERE user_id = $1', owner) }).toEqual(
    before,
  );
  const { data } = await auth.query(
    `mutation ($t: String!) { refreshTokens(input: { refreshToken: $t }) { tokens { accessToken } userErrors { code } } }`,
    { variables: { t: token } },
  );
  expect(data.refreshTokens.tokens).toBeNull();
  const verify = await auth.query('mutation ($t: String!) { verifyEmail(input: { token: $t }) { verified } }', {
    variables: { t: token },
  });
  expect(verify.data.verifyEmail.verified).toBe(false);
});

test("ID-55: a challenge is met with its owner's codes alone, within five minutes, with the password it began with", async () => {
  const [owner, other] = [await enrolled(auth, 'mine@example.com'), await enrolled(auth, 'theirs@example.com')];
  const token = await challenge(auth, owner.email);
  expect(errorsOf(await completeMfa(auth, { challenge: token, code: other.app.code(1) }))).toEqual(['INVALID_CODE']);
  const foreign = { challenge: token, method: 'BACKUP_CODE', code: other.backupCodes[0] ?? '' } as const;
  expect(errorsOf(await completeMfa(auth, foreign))).toEqual(['INVALID_CODE']);

  const right = { challenge: token, code: owner.app.code(1) };
  const over = "UPDATE mfa_challenges SET expires_at = expires_at - interval '5 minutes' WHERE user_id = $1";
  await auth.sql(over, [owner.userId]);
  expect(errorsOf(await completeMfa(auth, right))).toEqual(['INVALID_CHALLENGE']);

  const before = await challenge(auth, owner.email);
  await auth.sql('UPDATE credentials SET password_changed_at = now() WHERE user_id = $1', [owner.userId]);
  expect(errorsOf(await completeMfa(auth, { ...right, challenge: before }))).toEqual(['INVALID_CHALLENGE']);

  const used = await challenge(auth, owner.email);
  expect((await completeMfa(auth, { ...right, challenge: used })).tokens.user.id).toBe(owner.userId);
  await forgetUsedCodes(auth, owner);
  expect(errorsOf(await completeMfa(auth, { ...right, challenge: used }))).toEqual(['INVALID_CHALLENGE']);
});

test('the session says that both factors were given', async () => {
  const owner = await enrolled(auth, 'amr@example.com');
  const token = await challenge(auth, owner.email);
  const { tokens } = await completeMfa(auth, { challenge: token, code: owner.app.code(1) });
  expect(await auth.sql('SELECT methods FROM sessions WHERE id = $1', [tokens.session.id])).toEqual([
    { methods: ['pwd', 'otp', 'mfa'] },
  ]);
});
