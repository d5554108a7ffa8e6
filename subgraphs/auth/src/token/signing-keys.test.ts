import { startSubgraph } from '@orion/platform/subgraph';
import { eventually, runSchedule, testViewer } from '@orion/platform/testing';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { subgraph } from '../subgraph.js';
import { startAuth } from '../testing/auth-fixture.js';
import type { AuthFixture } from '../testing/auth-fixture.js';
import { refreshAs, signedIn } from '../testing/refresh-client.js';

let auth: AuthFixture;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth?.stop());

const published = async (port: string | number = new URL(auth.url).port) =>
  (await (await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
const kids = async (port?: number) => (await published(port)).keys.map(({ kid = '' }) => kid);
const signerOf = (token: string) => decodeProtectedHeader(token).kid;
const isGood = async (token: string) =>
  jwtVerify(token, createLocalJWKSet(await published())).then(
    () => true,
    () => false,
  );

async function operator(email: string) {
  const person = await signedIn(auth, email);
  return { ...person, viewer: { ...person.viewer, permissions: ['signing-key:rotate:any'] } };
}

async function rotate(viewer: ReturnType<typeof testViewer>, revokeOld = false): Promise<string> {
  const { data, errors } = await auth.query(
    `mutation { rotateSigningKeys(input: { revokeOld: ${revokeOld} }) { keyId userErrors { code } } }`,
    { viewer },
  );
  expect(errors).toEqual([]);
  return data.rotateSigningKeys.keyId;
}

test('ID-33: a key is published before it signs, and after that until its last token is over', async () => {
  const { viewer, refreshToken, accessToken } = await operator('rotator@example.com');
  const before = await kids();
  const old = signerOf(accessToken);
  const keyId = await rotate(viewer);
  expect(before).toContain(keyId);
  const { tokens } = await refreshAs(auth, { refreshToken });
  expect(signerOf(tokens?.accessToken ?? '')).toBe(keyId);
  expect(await isGood(accessToken)).toBe(true);
  expect(await isGood(tokens?.accessToken ?? '')).toBe(true);
  expect(await kids()).toHaveLength(3);
  const [retired] = await auth.sql<{ seconds: number }>(
    'SELECT extract(epoch FROM expires_at - retired_at)::int AS seconds FROM signing_keys WHERE id = $1',
    [old],
  );
  // The longest life of an access token, and a minute for clocks.
  expect(retired?.seconds).toBe(3_660);
  await auth.sql("UPDATE signing_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [old]);
  await runSchedule(auth.databaseUrl, 'signing-key-rotation');
  await eventually(async () => !(await kids()).includes(old ?? ''));
  expect(await isGood(accessToken)).toBe(false);
});

test('ID-33: a key that others know is worthless at once, with the one that was to be next', async () => {
  const { viewer, refreshToken, accessToken } = await operator('incident@example.com');
  const before = await kids();
  await rotate(viewer, true);
  const after = await kids();
  expect(after).toHaveLength(2);
  expect(after.filter((kid) => before.includes(kid))).toEqual([]);
  expect(await isGood(accessToken)).toBe(false);
  const { tokens } = await refreshAs(auth, { refreshToken });
  expect(await isGood(tokens?.accessToken ?? '')).toBe(true);
  const [event] = await auth.sql(
    "SELECT severity FROM security_events WHERE type = 'SIGNING_KEYS_ROTATED' ORDER BY id DESC LIMIT 1",
  );
  expect(event).toEqual({ severity: 'HIGH' });
});

test('a replica follows what another one changes, and rotations at once do not lose a key', async () => {
  const { viewer } = await operator('replicas@example.com');
  const second = await startSubgraph(subgraph, auth.environment);
  await Promise.all(Array.from({ length: 5 }, () => rotate(viewer)));
  const states = await auth.sql('SELECT state, count(*)::int AS keys FROM signing_keys GROUP BY state ORDER BY state');
  expect(states).toEqual([
    { state: 'CURRENT', keys: 1 },
    { state: 'NEXT', keys: 1 },
    { state: 'RETIRED', keys: 5 },
  ]);
  const expected = (await kids()).toSorted();
  await eventually(async () => (await kids(second.port)).toSorted().join() === expected.join());
  await second.stop();
});

test('a key that has signed for ninety days is replaced by itself', async () => {
  const current = async () =>
    (await auth.sql<{ id: string }>("SELECT id FROM signing_keys WHERE state = 'CURRENT'"))[0]?.id;
  const [next] = await auth.sql<{ id: string }>("SELECT id FROM signing_keys WHERE state = 'NEXT'");
  const before = await current();
  await auth.sql("UPDATE signing_keys SET current_since = now() - interval '89 days' WHERE state = 'CURRENT'");
  await runSchedule(auth.databaseUrl, 'signing-key-rotation');
  expect(await current()).toBe(before);
  await auth.sql("UPDATE signing_keys SET current_since = now() - interval '90 days' WHERE state = 'CURRENT'");
  await runSchedule(auth.databaseUrl, 'signing-key-rotation');
  expect(await current()).toBe(next?.id);
});

test('keys are changed by operators who proved a short time ago who they are, in a session that is alive', async () => {
  const { viewer } = await operator('careful@example.com');
  const codeOf = async (changes: Partial<typeof viewer>) =>
    (await auth.query('mutation { rotateSigningKeys { keyId } }', { viewer: { ...viewer, ...changes } })).errors[0]
      ?.extensions['code'];
  expect(await codeOf({ permissions: [] })).toBe('FORBIDDEN');
  expect(await codeOf({ authenticatedAt: Math.floor(Date.now() / 1_000) - 601 })).toBe('STEP_UP_REQUIRED');
  expect(await codeOf({ sessionId: testViewer().sessionId })).toBe('UNAUTHENTICATED');
  await auth.query('mutation { logout { revokedSessions } }', { viewer });
  expect(await codeOf({})).toBe('UNAUTHENTICATED');
});
