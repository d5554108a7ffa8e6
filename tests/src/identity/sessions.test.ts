import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient, newcomer, newcomerPassword, signIn } from '../graph/index.js';
import type { GraphClient, SignedIn } from '../graph/index.js';

let platform: Platform;
let url: string;
let anonymous: GraphClient;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  ({ url } = platform);
  anonymous = createGraphClient(url);
}, 60_000);
afterAll(() => platform?.stop());

const REFRESH = `mutation ($input: RefreshTokensInput!) { refreshTokens(input: $input) {
  tokens { accessToken refreshToken session { id } user { id } } userErrors { code } } }`;
const ME = '{ me { id } }';

async function refresh(refreshToken: string) {
  const { data, errors } = await anonymous.query(REFRESH, { input: { refreshToken } });
  expect(errors).toEqual([]);
  return data.refreshTokens;
}

const again = ({ userId }: SignedIn, name: string) =>
  signIn(url, { email: `${name.toLowerCase()}@example.com`, password: newcomerPassword }).then((signed) => {
    expect(signed.userId).toBe(userId);
    return signed;
  });
const isRefused = async (client: GraphClient) =>
  (await client.query(ME)).errors[0]?.extensions['code'] === 'UNAUTHENTICATED';

test('tokens are refreshed, and whoever uses a copy of one ends the session for both', async () => {
  const rita = await newcomer(url, { name: 'Rita' });
  const stream = await rita.client.subscribe('subscription { securityEventAdded { type severity user { id } ip } }');
  const { tokens } = await refresh(rita.refreshToken);
  expect(tokens).toMatchObject({ session: { id: rita.sessionId }, user: { id: rita.userId } });
  const renewed = createGraphClient(url, { token: tokens.accessToken });
  expect((await renewed.query(ME)).data).toEqual({ me: { id: rita.userId } });
  const next = await refresh(tokens.refreshToken);
  const stolenAt = Date.now();
  expect(await refresh(rita.refreshToken)).toEqual({ tokens: null, userErrors: [{ code: 'INVALID_REFRESH_TOKEN' }] });
  expect((await refresh(next.tokens.refreshToken)).tokens).toBeNull();
  // ID-34: the access tokens die with it, and the socket as well.
  await eventually(() => isRefused(renewed));
  expect(await stream.closed).toBe(4403);
  expect(Date.now() - stolenAt).toBeLessThan(3_000);
  const back = await again(rita, 'Rita');
  const { data } = await back.client.query('{ me { securityEvents(first: 5) { nodes { type severity details } } } }');
  expect(data.me.securityEvents.nodes).toContainEqual({
    type: 'REFRESH_TOKEN_REUSED',
    severity: 'HIGH',
    details: { wasUsed: true },
  });
}, 60_000);

test('ID-39: after a logout the access token is refused everywhere within a second', async () => {
  const lars = await newcomer(url, { name: 'Lars' });
  const stream = await lars.client.subscribe('subscription { sessionRevoked { sessionId } }');
  const before = await lars.client.query('{ tokenInfo { active } }');
  expect(before.data).toEqual({ tokenInfo: { active: true } });
  const at = Date.now();
  await lars.client.query('mutation { logout(input: { scope: THIS }) { revokedSessions } }');
  expect(await stream.closed).toBe(4403);
  await eventually(() => isRefused(lars.client));
  expect(Date.now() - at).toBeLessThan(1_000);
  const mutation = await lars.client.query('mutation { logout { revokedSessions } }');
  expect(mutation.errors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  await expect(lars.client.subscribe('subscription { sessionRevoked { sessionId } }')).rejects.toThrow();
  const direct = await fetch(`http://127.0.0.1:${platform.ports['auth']}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${lars.accessToken}` },
    body: JSON.stringify({ query: '{ tokenInfo { active } }' }),
  });
  expect(direct.status).toBe(401);
  expect((await refresh(lars.refreshToken)).tokens).toBeNull();
}, 60_000);

test.each(['THIS', 'OTHERS', 'ALL'] as const)(
  'logout with scope %s ends just those, and the others hear of it',
  async (scope) => {
    const name = `Otto${scope}`;
    const here = await newcomer(url, { name });
    const elsewhere = await again(here, name);
    const witness = scope === 'ALL' ? null : scope === 'THIS' ? elsewhere : here;
    const stream = await witness?.client.subscribe('subscription { sessionRevoked { sessionId } }');
    const { data, errors } = await here.client.query(
      'mutation ($scope: LogoutScope!) { logout(input: { scope: $scope }) { revokedSessions userErrors { code } } }',
      { scope },
    );
    expect(errors).toEqual([]);
    expect(data.logout).toEqual({ revokedSessions: scope === 'ALL' ? 2 : 1, userErrors: [] });
    const ended = scope === 'OTHERS' ? [elsewhere] : scope === 'THIS' ? [here] : [here, elsewhere];
    for (const { client } of ended) await eventually(() => isRefused(client));
    if (witness === null || stream === undefined) return;
    expect((await stream.next()).data.sessionRevoked).toEqual({ sessionId: ended[0]?.sessionId });
    expect((await witness.client.query(ME)).data).toEqual({ me: { id: here.userId } });
    await stream.stop();
  },
  60_000,
);

test('ID-37: after a change of password the other sessions get no tokens any more', async () => {
  const here = await newcomer(url, { name: 'Clara' });
  const elsewhere = await again(here, 'Clara');
  const { data, errors } = await here.client.query(
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }',
    { input: { currentPassword: newcomerPassword, newPassword: 'an entirely new horse' } },
  );
  expect(errors).toEqual([]);
  expect(data.changePassword.userErrors).toEqual([]);
  expect((await refresh(elsewhere.refreshToken)).tokens).toBeNull();
  await eventually(() => isRefused(elsewhere.client));
  expect((await refresh(here.refreshToken)).tokens).not.toBeNull();
}, 60_000);

test('sessions are listed, looked at and ended one by one; those of others are not there', async () => {
  const vera = await newcomer(url, { name: 'Vera' });
  const phone = await again(vera, 'Vera');
  const stranger = await newcomer(url, { name: 'Willi' });
  const { data } = await vera.client.query(
    '{ mySessions(first: 5) { nodes { id isCurrent ip methods device { name } } } }',
  );
  expect(data.mySessions.nodes).toEqual([
    expect.objectContaining({ id: phone.sessionId, isCurrent: false, methods: ['pwd'] }),
    expect.objectContaining({ id: vera.sessionId, isCurrent: true, ip: expect.stringMatching(/127\.0\.0\.1|::1/) }),
  ]);
  const look = 'query ($id: ID!) { session(id: $id) { id user { displayName } } }';
  expect((await vera.client.query(look, { id: phone.sessionId })).data.session).toEqual({
    id: phone.sessionId,
    user: { displayName: 'Vera' },
  });
  expect((await stranger.client.query(look, { id: phone.sessionId })).data.session).toBeNull();
  const revoke = `mutation ($id: ID!) { revokeSession(input: { id: $id }) { session { id } userErrors { code } } }`;
  const theirs = await stranger.client.query(revoke, { id: phone.sessionId });
  expect(theirs.data.revokeSession).toEqual({ session: null, userErrors: [{ code: 'SESSION_NOT_FOUND' }] });
  const own = await vera.client.query(revoke, { id: phone.sessionId });
  expect(own.data.revokeSession).toEqual({ session: { id: phone.sessionId }, userErrors: [] });
  await eventually(() => isRefused(phone.client));
  const admin = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const logs = await eventually(async () => {
    const found = await admin.client.query(
      'query ($id: String!) { auditLogs(first: 5, filter: { action: "session.revoked", targetId: $id }) { nodes { details actor { id } } } }',
      { id: phone.sessionId },
    );
    return found.data.auditLogs.nodes.length > 0 && found.data.auditLogs.nodes;
  });
  expect(logs).toEqual([{ details: { reason: 'revoked', sessions: 1 }, actor: { id: vera.userId } }]);
}, 60_000);

test('ID-33: the gateway takes tokens of the key before and of the one after, and none of a key that was revoked', async () => {
  const admin = await signIn(url, { email: 'admin@orion.test', password: 'orion-demo' });
  const anna = await newcomer(url, { name: 'Anna' });
  const rotate = async (client: GraphClient, revokeOld: boolean) => {
    const { data, errors } = await client.query(
      'mutation ($revokeOld: Boolean!) { rotateSigningKeys(input: { revokeOld: $revokeOld }) { keyId } }',
      { revokeOld },
    );
    expect(errors).toEqual([]);
    return data.rotateSigningKeys.keyId as string;
  };
  const published = async () =>
    ((await (await fetch(new URL('/.well-known/jwks.json', url))).json()) as { keys: { kid: string }[] }).keys;
  const keyId = await rotate(admin.client, false);
  expect((await published()).map(({ kid }) => kid)).toContain(keyId);
  const { tokens } = await refresh(anna.refreshToken);
  const renewed = createGraphClient(url, { token: tokens.accessToken });
  for (const client of [anna.client, renewed])
    expect((await client.query(ME)).data).toEqual({ me: { id: anna.userId } });

  await rotate(admin.client, true);
  await eventually(async () => (await isRefused(anna.client)) && (await isRefused(renewed)));
  const { tokens: fresh } = await refresh(tokens.refreshToken);
  const after = createGraphClient(url, { token: fresh.accessToken });
  // Keys are fetched at most every five seconds for an unknown one.
  await eventually(async () => (await after.query(ME)).data?.me?.id === anna.userId, { within: 15_000 });
}, 60_000);
