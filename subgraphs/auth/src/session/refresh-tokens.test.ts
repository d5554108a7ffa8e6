import { testViewer } from '@orion/platform/testing';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { endOf, refreshAs, signedIn } from '../testing/refresh-client.js';

const ROUNDS = 50;
const AT_ONCE = 20;

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const REFUSED = { tokens: null, userErrors: [{ code: 'INVALID_REFRESH_TOKEN' }] };

/** The new refresh token. Throws when there is none. */
async function next(refreshToken: string): Promise<string> {
  const { tokens, userErrors } = await refreshAs(auth, { refreshToken });
  if (tokens === null) throw new Error(JSON.stringify(userErrors));
  return tokens.refreshToken;
}

const shift = (sessionId: string, seconds: number) =>
  auth.sql(`UPDATE auth_tokens SET consumed_at = consumed_at - make_interval(secs => $2) WHERE session_id = $1`, [
    sessionId,
    seconds,
  ]);
const events = (userId: string) =>
  auth.sql<{ type: string; severity: string }>(
    `SELECT type, severity FROM security_events WHERE user_id = $1 AND type = 'REFRESH_TOKEN_REUSED'`,
    [userId],
  );

test('ID-34: a token used again after its child was used ends the family: session, tokens, and its owner is told', async () => {
  const { refreshToken, sessionId, userId } = await signedIn(auth, 'stolen@example.com');
  const second = await next(refreshToken);
  const third = await next(second);
  expect(await refreshAs(auth, { refreshToken })).toEqual(REFUSED);
  expect(await refreshAs(auth, { refreshToken: third })).toEqual(REFUSED);
  expect(await endOf(auth, sessionId)).toBe('refresh-reuse');
  expect(await events(userId)).toEqual([{ type: 'REFRESH_TOKEN_REUSED', severity: 'HIGH' }]);
  expect(await auth.sql('SELECT DISTINCT reason FROM auth_tokens WHERE family_id = $1', [sessionId])).toEqual([
    { reason: 'refresh-reuse' },
  ]);
  // The access tokens of the session: what looks into the database refuses them, as the gateway does when it has heard.
  expect(await auth.sql('SELECT reason FROM session_blacklist WHERE id = $1', [sessionId])).toEqual([
    { reason: 'refresh-reuse' },
  ]);
  // Once, however often the copy is tried.
  await refreshAs(auth, { refreshToken });
  expect(await events(userId)).toHaveLength(1);
});

test('ID-34: a token used again after the seconds of grace ends the family although its child was not used', async () => {
  const { refreshToken, sessionId } = await signedIn(auth, 'late@example.com');
  const child = await next(refreshToken);
  await shift(sessionId, 11);
  expect(await refreshAs(auth, { refreshToken })).toEqual(REFUSED);
  expect(await refreshAs(auth, { refreshToken: child })).toEqual(REFUSED);
});

test(`ID-35: of ${AT_ONCE} refreshes at once with one token all get one and the same child, ${ROUNDS} times`, async () => {
  const { refreshToken, sessionId } = await signedIn(auth, 'many@example.com');
  let current = refreshToken;
  for (let round = 0; round < ROUNDS; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => refreshAs(auth, { refreshToken: current })),
    );
    const children = new Set(answers.map(({ tokens }) => tokens?.refreshToken));
    expect(children.size).toBe(1);
    [current = ''] = children;
  }
  const family = await auth.sql<{ generation: number; parent: number | null }>(
    `SELECT t.generation, p.generation AS parent FROM auth_tokens t LEFT JOIN auth_tokens p ON p.id = t.parent_id
      WHERE t.family_id = $1 ORDER BY t.generation`,
    [sessionId],
  );
  // One chain: no generation twice, each the child of the one before.
  expect(family).toEqual(
    Array.from({ length: ROUNDS + 1 }, (_, generation) => ({
      generation,
      parent: generation === 0 ? null : generation - 1,
    })),
  );
}, 60_000);

test('ID-35: a refresh and a logout at once leave no token that works', async () => {
  await auth.member('leaving@example.com');
  for (let round = 0; round < ROUNDS; round += 1) {
    const { tokens } = await auth.login('leaving@example.com');
    const viewer = { userId: tokens.user.id, sessionId: tokens.session.id };
    const [, ...answers] = await Promise.all([
      auth.query('mutation { logout { revokedSessions } }', { viewer: testViewer(viewer) }),
      ...Array.from({ length: AT_ONCE }, () => refreshAs(auth, { refreshToken: tokens.refreshToken })),
    ]);
    for (const answer of answers) {
      if (answer.tokens !== null)
        expect(await refreshAs(auth, { refreshToken: answer.tokens.refreshToken })).toEqual(REFUSED);
    }
    expect(await endOf(auth, viewer.sessionId)).toBe('logout');
  }
}, 120_000);

test('ID-36: within the seconds of grace only the same client gets the answer again', async () => {
  const { refreshToken, sessionId } = await signedIn(auth, 'grace@example.com');
  const child = await next(refreshToken);
  expect(await next(refreshToken)).toBe(child);
  expect(await refreshAs(auth, { refreshToken }, { userAgent: 'somebody else' })).toEqual(REFUSED);
  expect(await endOf(auth, sessionId)).toBe('refresh-reuse');
});

test('ID-36: a client that sends the secret of its device is known by it, whatever it calls itself', async () => {
  const { refreshToken, deviceToken, sessionId } = await signedIn(auth, 'device@example.com');
  const stranger = await signedIn(auth, 'other-device@example.com');
  const first = await refreshAs(auth, { refreshToken, deviceToken }, { userAgent: 'one' });
  const again = await refreshAs(auth, { refreshToken, deviceToken }, { userAgent: 'two' });
  expect(again.tokens?.refreshToken).toBe(first.tokens?.refreshToken);
  expect(await refreshAs(auth, { refreshToken, deviceToken: stranger.deviceToken }, { userAgent: 'one' })).toEqual(
    REFUSED,
  );
  expect(await endOf(auth, sessionId)).toBe('refresh-reuse');
});

test('ID-36: a token that was never used is theft as well when it comes with the secret of another device', async () => {
  const owner = await signedIn(auth, 'unused@example.com');
  const thief = await signedIn(auth, 'thief@example.com');
  const { refreshToken } = owner;
  expect(await refreshAs(auth, { refreshToken, deviceToken: thief.deviceToken })).toEqual(REFUSED);
  expect(await endOf(auth, owner.sessionId)).toBe('refresh-reuse');
  expect(await events(owner.userId)).toHaveLength(1);
});

test('ID-36: asking again every nine seconds does not go on for ever', async () => {
  const { refreshToken, sessionId } = await signedIn(auth, 'forever@example.com');
  await next(refreshToken);
  await shift(sessionId, 9);
  expect((await refreshAs(auth, { refreshToken })).tokens).not.toBeNull();
  // The seconds count from the first use: an answer that was given again does not renew them.
  await shift(sessionId, 9);
  expect(await refreshAs(auth, { refreshToken })).toEqual(REFUSED);
  expect(await endOf(auth, sessionId)).toBe('refresh-reuse');
});

test('ID-38: a session that is not used for seven days is over, and was seen as alive until then', async () => {
  const { refreshToken, sessionId, viewer } = await signedIn(auth, 'idle@example.com');
  const back = (interval: string) =>
    auth.sql(
      `WITH s AS (UPDATE sessions SET idle_expires_at = idle_expires_at - $2::interval WHERE id = $1)
       UPDATE auth_tokens SET expires_at = expires_at - $2::interval WHERE session_id = $1`,
      [sessionId, interval],
    );
  await back('6 days 23 hours');
  const refreshed = await refreshAs(auth, { refreshToken });
  expect(refreshed.tokens).not.toBeNull();
  await back('7 days');
  expect(await refreshAs(auth, { refreshToken: refreshed.tokens?.refreshToken ?? '' })).toEqual(REFUSED);
  const { data } = await auth.query('{ mySessions { nodes { id } } tokenInfo { active } }', { viewer });
  expect(data).toEqual({ mySessions: { nodes: [] }, tokenInfo: { active: false } });
});

test('ID-38: however often it is refreshed, a session is over after thirty days', async () => {
  const { refreshToken, sessionId } = await signedIn(auth, 'absolute@example.com');
  await auth.sql(
    `WITH s AS (UPDATE sessions SET expires_at = expires_at - interval '29 days' WHERE id = $1)
     UPDATE auth_tokens SET absolute_expires_at = absolute_expires_at - interval '29 days' WHERE session_id = $1`,
    [sessionId],
  );
  const { tokens } = await refreshAs(auth, { refreshToken });
  // Rotation gives what is left of the thirty days, not seven days more.
  expect(Date.parse(tokens?.refreshExpiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 86_400_000);
  await auth.sql(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, [sessionId]);
  expect(await refreshAs(auth, { refreshToken: tokens?.refreshToken ?? '' })).toEqual(REFUSED);
});

test('a token that is unknown, malformed or huge is refused', async () => {
  for (const refreshToken of ['', 'x', 'a'.repeat(100_000), '..', '\u{1f511}'])
    expect(await refreshAs(auth, { refreshToken })).toEqual(REFUSED);
});
