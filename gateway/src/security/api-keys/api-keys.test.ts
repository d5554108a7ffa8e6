import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import { eventually } from '@orion/platform/testing';
import { connectClient } from '../../testing/test-client.js';
import { startHttpServer } from '../../testing/raw-server.js';
import type { RawServer } from '../../testing/raw-server.js';
import { CONTEXT_SECRET, startViewerGraph } from '../../testing/viewer-graph.js';
import type { ViewerGraph } from '../../testing/viewer-graph.js';

interface Question {
  readonly key: string;
  readonly ip: string | null;
}

let graph: ViewerGraph;
let keys: RawServer;
const questions: Question[] = [];
let answer: (response: ServerResponse, question: Question) => void;

const reply =
  (identity: unknown) =>
  (response: ServerResponse): void =>
    void response.end(JSON.stringify({ data: { apiKeyIdentity: identity } }));

/** The subgraph that owns the keys: it answers its gateway and nobody else. */
beforeAll(async () => {
  keys = await startHttpServer((response, { request, body }) => {
    const context = request.headers[CONTEXT_HEADER];
    verifyContext(String(context), { secret: CONTEXT_SECRET, audience: 'user', body }).then(
      ({ viewer }) => {
        const { variables } = JSON.parse(body) as { readonly variables: Question };
        questions.push(variables);
        if (viewer === null) answer(response, variables);
        else response.writeHead(500).end();
      },
      () => response.writeHead(401).end(),
    );
  });
  graph = await startViewerGraph({
    apiKeys: { url: keys.url, subgraph: 'user' },
    rateLimits: { perIp: 0, perIdentity: 1_000 },
  });
});

afterAll(async () => {
  await graph.stop();
  await keys.stop();
});

beforeEach(() => {
  questions.length = 0;
});

let count = 0;
function newKey() {
  count += 1;
  const text = `orion_${String(count).padStart(8, '0')}_${randomBytes(32).toString('base64url')}`;
  return {
    authorization: `Bearer ${text}`,
    text,
    identity: { keyId: `key-${count}`, userId: `user-${count}`, permissions: ['user:read:any'], expiresAt: null },
  };
}

const ask = (authorization: string) => graph.gateway.ask('{ viewer { userId } }', { headers: { authorization } });
const statusOf = async (authorization: string) => (await ask(authorization)).status;

test('ID-85: a good key is its owner with the permissions of the key, and is no session', async () => {
  const { authorization, identity, text } = newKey();
  answer = reply(identity);
  expect(await graph.viewerOf(authorization)).toEqual({
    kind: 'api-key',
    userId: identity.userId,
    sessionId: identity.keyId,
    impersonatorId: null,
    permissions: ['user:read:any'],
    methods: [],
  });
  expect(questions).toEqual([{ key: text, ip: '127.0.0.1' }]);
});

test('a key works for a mutation, and over a WebSocket', async () => {
  const { authorization, identity } = newKey();
  answer = reply(identity);
  const touched = await graph.gateway.ask('mutation { touch { kind } }', { headers: { authorization } });
  expect(touched.data).toEqual({ touch: { kind: 'api-key' } });
  const client = connectClient(graph.gateway.socketUrl, { authorization });
  expect(await client.ask('{ viewer { kind } }')).toEqual({ data: { viewer: { kind: 'api-key' } } });
  await client.close();
});

test('ID-84: a key that is not good is 401, and on a WebSocket 4403', async () => {
  const { authorization } = newKey();
  answer = reply(null);
  const { status, errors, headers } = await ask(authorization);
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toContain('Bearer');
  expect(errors?.[0]).toMatchObject({
    message: 'The API key is not accepted.',
    extensions: { code: 'UNAUTHENTICATED' },
  });
  const client = connectClient(graph.gateway.socketUrl, { authorization });
  await expect(client.ask('{ viewer { userId } }')).rejects.toMatchObject({ code: 4403 });
});

test.each([
  ['too short', 'orion_00000001_abc'],
  ['too long', `orion_00000001_${'a'.repeat(44)}`],
  ['a prefix of other characters', `orion_0000-001_${'a'.repeat(43)}`],
  ['a secret of other characters', `orion_00000001_${'a'.repeat(42)}.`],
  ['a megabyte, as far as headers go', `orion_${'a'.repeat(8_000)}`],
])('ID-84: a text that is no key (%s) is refused without a question', async (_what, text) => {
  expect(await statusOf(`Bearer ${text}`)).toBe(401);
  expect(questions).toEqual([]);
});

test('requests at one time with one key are one question, and the answer holds for some seconds', async () => {
  const { authorization, identity } = newKey();
  const held: ServerResponse[] = [];
  answer = (response) => held.push(response);
  const asked = Array.from({ length: 20 }, () => statusOf(authorization));
  await eventually(() => held.length === 1);
  for (const response of held) reply(identity)(response);
  expect(new Set(await Promise.all(asked))).toEqual(new Set([200]));
  expect(await statusOf(authorization)).toBe(200);
  expect(questions).toHaveLength(1);
});

test('a bad answer holds as well, and then the key may have become good', async () => {
  const { authorization, identity } = newKey();
  answer = reply(null);
  for (let round = 0; round < 5; round += 1) expect(await statusOf(authorization)).toBe(401);
  expect(questions).toHaveLength(1);
  answer = reply(identity);
  await eventually(async () => (await statusOf(authorization)) === 200);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['500', (response) => void response.writeHead(500).end('{}')],
  ['an error', (response) => void response.end('{"errors":[{"message":"x"}],"data":{"apiKeyIdentity":null}}')],
  ['no data', (response) => void response.end('{"data":null}')],
  ['another shape', reply({ keyId: 'k', userId: 'u', permissions: 'all', expiresAt: null })],
  ['no JSON', (response) => void response.end('<html>')],
  ['a redirect', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['a megabyte', reply({ keyId: 'k'.repeat(1_000_000), userId: 'u', permissions: [], expiresAt: null })],
  ['a broken connection', (response) => void response.destroy()],
])('when its subgraph answers with %s a key is neither good nor bad: 503, and 1013 on a WebSocket', async (_w, how) => {
  const { authorization, identity } = newKey();
  answer = how;
  const { status, headers, errors } = await ask(authorization);
  expect([status, headers.get('retry-after')]).toEqual([503, '2']);
  expect(errors?.[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE');
  const client = connectClient(graph.gateway.socketUrl, { authorization });
  await expect(client.ask('{ viewer { userId } }')).rejects.toMatchObject({ code: 1013 });
  answer = reply(identity);
  expect(await statusOf(authorization)).toBe(200);
});

test('a subgraph that does not answer costs three seconds, and no verdict', async () => {
  const { authorization } = newKey();
  answer = () => undefined;
  expect(await statusOf(authorization)).toBe(503);
}, 10_000);

test('ID-84: a revoked key is refused at once, whatever was remembered, and its socket is closed', async () => {
  const { authorization, identity } = newKey();
  answer = reply(identity);
  expect(await statusOf(authorization)).toBe(200);
  const client = connectClient(graph.gateway.socketUrl, { authorization });
  client.subscribe('subscription { ticks }');
  await eventually(() => graph.subgraph.liveSubscriptions() === 1);
  const revokedAt = Date.now();
  await graph.announce('apikey.revoked', { apiKeyId: identity.keyId, userId: identity.userId, reason: 'requested' });
  await eventually(() => client.closes.length === 1, { every: 10 });
  expect(client.closes[0]?.code).toBe(4403);
  const { status, errors } = await ask(authorization);
  expect(Date.now() - revokedAt).toBeLessThan(1_000);
  expect([status, errors?.[0]?.message]).toEqual([401, 'The API key was revoked.']);
});

test.each(['user.suspended', 'user.deleted'])('ID-84: %s: the keys of the user are refused', async (type) => {
  const { authorization, identity } = newKey();
  answer = reply(identity);
  expect(await statusOf(authorization)).toBe(200);
  await graph.announce(type, { userId: identity.userId });
  await eventually(async () => (await statusOf(authorization)) === 401);
});

test('ID-84: a change of the permissions of its owner reaches a key within a second', async () => {
  const { authorization, identity } = newKey();
  answer = reply(identity);
  expect((await graph.viewerOf(authorization))?.permissions).toEqual(['user:read:any']);
  answer = reply({ ...identity, permissions: [] });
  const changedAt = Date.now();
  await graph.announce('role.revoked', { userId: identity.userId, role: 'R', permissions: [], version: 2 });
  await eventually(async () => (await graph.viewerOf(authorization))?.permissions.length === 0, { every: 10 });
  expect(Date.now() - changedAt).toBeLessThan(1_000);
});

test('ID-84: on an open socket a key has the permissions of each moment, and its end is the end of the socket', async () => {
  const { authorization, identity } = newKey();
  answer = reply(identity);
  const client = connectClient(graph.gateway.socketUrl, { authorization });
  // Keeps the socket open between the others.
  client.subscribe('subscription { ticks }');
  const permissions = async () => {
    const { data } = await client.ask('{ viewer { permissions } }');
    return (data as { readonly viewer: { readonly permissions: readonly string[] } }).viewer.permissions;
  };
  expect(await permissions()).toEqual(['user:read:any']);
  answer = reply({ ...identity, permissions: ['user:read:any', 'user:list:any'] });
  await graph.announce('role.assigned', {
    userId: identity.userId,
    role: 'R',
    permissions: ['user:read:any', 'user:list:any'],
    version: 2,
  });
  await eventually(async () => (await permissions()).length === 2);
  expect(client.closes).toEqual([]);
  answer = reply(null);
  await eventually(() =>
    client.ask('{ viewer { permissions } }').then(
      () => false,
      () => true,
    ),
  );
  expect(client.closes[0]).toMatchObject({ code: 4403, reason: 'The API key is not accepted.' });
}, 20_000);

test('an answer that was on its way while something changed is not remembered', async () => {
  const { authorization, identity } = newKey();
  const held: ServerResponse[] = [];
  answer = (response) => held.push(response);
  const asked = statusOf(authorization);
  await eventually(() => held.length === 1);
  const other = newKey();
  answer = reply(other.identity);
  expect(await statusOf(other.authorization)).toBe(200);
  await graph.announce('permissions.changed', { userId: other.identity.userId, permissions: [], version: 2 });
  await eventually(async () => {
    await statusOf(other.authorization);
    return questions.filter(({ key }) => key === other.text).length > 1;
  });
  for (const response of held) reply(identity)(response);
  expect(await asked).toBe(200);
  answer = reply(null);
  expect(await statusOf(authorization)).toBe(401);
});

test('ID-84: a key that ends while it is remembered ends at its time, and its socket with it', async () => {
  const { authorization, identity } = newKey();
  answer = reply({ ...identity, expiresAt: new Date(Date.now() + 1_500).toISOString() });
  const client = connectClient(graph.gateway.socketUrl, { authorization });
  client.subscribe('subscription { ticks }');
  expect(await statusOf(authorization)).toBe(200);
  await eventually(async () => (await statusOf(authorization)) === 401);
  await eventually(() => client.closes.length === 1);
  expect(client.closes[0]?.code).toBe(4403);
  expect(questions).toHaveLength(1);
});

test('ID-85: a key has a rate limit of its own, apart from that of its owner', async () => {
  const limited = await startViewerGraph({
    apiKeys: { url: keys.url, subgraph: 'user' },
    rateLimits: { perIp: 0, perIdentity: 3 },
  });
  try {
    const [one, other] = [newKey(), newKey()];
    answer = (response, { key }) =>
      reply({ ...(key === one.text ? one : other).identity, userId: 'the-same' })(response);
    const as = async (authorization: string) =>
      (await limited.gateway.ask('{ viewer { userId } }', { headers: { authorization } })).status;
    const token = await limited.issuer.token({ claims: { sub: 'the-same' } });
    for (let round = 0; round < 3; round += 1) expect(await as(one.authorization)).toBe(200);
    expect(await as(one.authorization)).toBe(429);
    expect(await as(other.authorization)).toBe(200);
    expect(await as(`Bearer ${token}`)).toBe(200);
  } finally {
    await limited.stop();
  }
});

test('a gateway that takes no keys refuses one as a token that is not good, and asks nobody', async () => {
  const plain = await startViewerGraph();
  try {
    const { authorization } = newKey();
    const { status } = await plain.gateway.ask('{ viewer { userId } }', { headers: { authorization } });
    expect(status).toBe(401);
    expect(questions).toEqual([]);
  } finally {
    await plain.stop();
  }
});
