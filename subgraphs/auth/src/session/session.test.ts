import { startSubgraph } from '@orion/platform/subgraph';
import { testViewer } from '@orion/platform/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { subgraph } from '../subgraph.js';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const REFRESH = `mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) {
  userErrors { code } tokens { accessToken refreshToken session { id } } } }`;
const refresh = async (refreshToken: string) =>
  (await auth.query(REFRESH, { variables: { input: { refreshToken } } })).data.refreshTokens;

async function signIn(email: string) {
  await auth.member(email);
  const { tokens } = await auth.login(email);
  return { ...tokens, viewer: testViewer({ userId: tokens.user.id, sessionId: tokens.session.id }) };
}
const isRevoked = async (sessionId: string) =>
  (
    await auth.sql<{ revoked: boolean }>('SELECT revoked_at IS NOT NULL AS revoked FROM sessions WHERE id = $1', [
      sessionId,
    ])
  )[0]?.revoked;

test('the access token verifies with the published keys and says who, where and until when', async () => {
  const { accessToken, user, session } = await signIn('claims@example.com');
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', auth.url));
  const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
    audience: 'orion',
    issuer: 'http://localhost:4000',
  });
  expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(payload).toMatchObject({ sub: user.id, sid: session.id, amr: ['pwd'], permissions: [], pv: 0 });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
});

test('the published keys hold nothing private', async () => {
  const { keys } = (await (await fetch(new URL('/.well-known/jwks.json', auth.url))).json()) as { keys: object[] };
  expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

test('a refresh token gives the next pair of the same session', async () => {
  const { refreshToken, session } = await signIn('next@example.com');
  const { tokens } = await refresh(refreshToken);
  expect(tokens.session.id).toBe(session.id);
  expect(tokens.refreshToken).not.toBe(refreshToken);
});

test.each(['THIS', 'OTHERS', 'ALL'] as const)('logout with scope %s ends just those sessions', async (scope) => {
  const email = `logout-${scope.toLowerCase()}@example.com`;
  const here = await signIn(email);
  const elsewhere = (await auth.login(email)).tokens.session.id as string;
  const { data } = await auth.query(`mutation { logout(input: { scope: ${scope} }) { revokedSessions } }`, {
    viewer: here.viewer,
  });
  const expected = { here: scope !== 'OTHERS', elsewhere: scope !== 'THIS' };
  expect({ here: await isRevoked(here.session.id), elsewhere: await isRevoked(elsewhere) }).toEqual(expected);
  expect(data.logout.revokedSessions).toBe(Number(expected.here) + Number(expected.elsewhere));
  expect((await refresh(here.refreshToken)).tokens === null).toBe(expected.here);
});

test('a session that has expired is not ended once more', async () => {
  const here = await signIn('expired@example.com');
  const expired = (await auth.login('expired@example.com')).tokens.session.id as string;
  await auth.sql('UPDATE sessions SET expires_at = now() WHERE id = $1', [expired]);
  const { data } = await auth.query('mutation { logout(input: { scope: ALL }) { revokedSessions } }', {
    viewer: here.viewer,
  });
  expect(data.logout.revokedSessions).toBe(1);
  expect(await isRevoked(expired)).toBe(false);
});

test("somebody else's session cannot be ended, nor told from one that does not exist", async () => {
  const [victim, stranger] = [await signIn('victim@example.com'), await signIn('stranger@example.com')];
  const revoke = (id: string) =>
    auth.query(`mutation { revokeSession(input: { id: "${id}" }) { session { id } userErrors { code } } }`, {
      viewer: stranger.viewer,
    });
  const answers = await Promise.all([revoke(victim.session.id), revoke(testViewer().sessionId), revoke("' OR 1=1")]);
  for (const { data } of answers)
    expect(data.revokeSession).toEqual({ session: null, userErrors: [{ code: 'SESSION_NOT_FOUND' }] });
  expect(await isRevoked(victim.session.id)).toBe(false);
});

test('sessions of another are refused and leave the rest of the answer alone', async () => {
  const [victim, stranger] = [await signIn('private@example.com'), await signIn('curious@example.com')];
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id sessions(first: 2) { nodes { id } } emailVerified } } }`;
  const { data, errors } = await auth.query(query, {
    variables: { of: [{ __typename: 'User', id: victim.user.id }] },
    viewer: stranger.viewer,
  });
  expect(data._entities).toEqual([{ id: victim.user.id, sessions: null, emailVerified: null }]);
  expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['FORBIDDEN', 'FORBIDDEN']);
});

test('a query over 100 users costs as many SQL statements as one over 10', async () => {
  await auth.sql(`INSERT INTO credentials (user_id, email, email_canonical, password_hash)
    SELECT gen_random_uuid(), n || '@many.example.com', n || '@many.example.com', '' FROM generate_series(1, 100) n`);
  const users = await auth.sql<{ id: string }>(
    "SELECT user_id AS id FROM credentials WHERE email LIKE '%@many.example.com'",
  );
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User {
    emailVerified lastLoginAt sessions(first: 3) { nodes { id device { name } user { emailVerified } } } } } }`;
  const viewer = testViewer({ permissions: ['user:read-pii:any', 'session:read:any'] });
  const cost = async (count: number) => {
    const of = users.slice(0, count).map(({ id }) => ({ __typename: 'User', id }));
    const { data, errors, statements } = await auth.query(query, { variables: { of }, viewer });
    expect(errors).toEqual([]);
    expect(data._entities).toHaveLength(count);
    return statements;
  };
  const [ten, hundred] = [await cost(10), await cost(100)];
  expect(hundred).toBe(ten);
  expect(hundred).toBeLessThanOrEqual(3);
});

test('a second replica starts beside the first, on the same keys', async () => {
  const second = await startSubgraph(subgraph, auth.environment);
  const keysAt = async (port: string) => (await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)).json();
  expect(await keysAt(String(second.port))).toEqual(await keysAt(new URL(auth.url).port));
  await second.stop();
});
