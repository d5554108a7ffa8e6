import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import { eventually } from '@orion/platform/testing';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { ACCOUNTS_SDL, accountsResolvers, startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer, USER_ID } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';

const SECRET = 'a-secret-of-at-least-32-characters';
let graph: TestGraph;
let issuer: TestIssuer;
let supergraph: { readonly sdl: string };
const gateways: TestGateway[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  supergraph = { sdl: await compose(graph.subgraphs) };
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
});

afterAll(async () => {
  await issuer.stop();
  await graph.stop();
});

async function start(options: Partial<Parameters<typeof startTestGateway>[0]> = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({ supergraph, ...options });
  gateways.push(gateway);
  return gateway;
}

test('tells each subgraph who is calling, bound to its name and to the bytes it receives', async () => {
  const gateway = await start({ contextSecret: SECRET, tokens: issuer.rules });
  graph.accounts.requests.length = 0;
  graph.inbox.requests.length = 0;
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { errors } = await gateway.ask(
    'query Notes($show: Boolean!) { notes { actor @include(if: $show) { name } } }',
    {
      variables: { show: true },
      headers: {
        authorization: `Bearer ${await issuer.token()}`,
        'x-request-id': 'request-number-1',
        traceparent,
        'user-agent': 'tester',
      },
    },
  );
  expect(errors).toBeUndefined();
  for (const [subgraph, name] of [
    [graph.inbox, 'inbox'],
    [graph.accounts, 'accounts'],
  ] as const) {
    const { headers, body } = subgraph.requests[0] ?? { headers: {}, body: '' };
    const token = headers[CONTEXT_HEADER] as string;
    const origin = await verifyContext(token, { secret: SECRET, audience: name, body });
    expect(origin).toMatchObject({
      requestId: 'request-number-1',
      userAgent: 'tester',
      clientIp: '127.0.0.1',
      viewer: { userId: USER_ID, sessionId: 'session-1' },
    });
    expect(headers).toMatchObject({ 'x-request-id': 'request-number-1', traceparent });
    expect(headers['authorization']).toBeUndefined();
    await expect(verifyContext(token, { secret: SECRET, audience: 'other', body })).rejects.toThrow();
  }
});

test("a client's x-orion headers never reach a subgraph", async () => {
  const gateway = await start();
  graph.accounts.requests.length = 0;
  await gateway.ask('{ me { id } }', { headers: { [CONTEXT_HEADER]: 'forged', 'x-orion-viewer': 'admin' } });
  expect(Object.keys(graph.accounts.requests[0]?.headers ?? {}).filter((name) => name.startsWith('x-orion'))).toEqual(
    [],
  );
});

test('the configured headers of a client reach the subgraphs, others do not', async () => {
  const gateway = await start({ forwardHeaders: ['X-Tenant', 'accept-language'] });
  graph.accounts.requests.length = 0;
  await gateway.ask('{ me { id } }', {
    headers: { 'x-tenant': 'a', 'accept-language': 'da', cookie: 'c', 'x-other': 'o' },
  });
  const headers = graph.accounts.requests[0]?.headers ?? {};
  expect(headers).toMatchObject({ 'x-tenant': 'a', 'accept-language': 'da' });
  expect([headers['cookie'], headers['x-other']]).toEqual([undefined, undefined]);
});

test('on a WebSocket the configured headers come from the handshake or from connectionParams', async () => {
  const gateway = await start({ forwardHeaders: ['x-tenant', 'sec-websocket-version'] });
  graph.accounts.requests.length = 0;
  const client = connectClient(gateway.socketUrl, { 'X-Tenant': 'b', 'x-other': 'o' });
  await client.ask('{ me { id } }');
  await client.close();
  const headers = graph.accounts.requests[0]?.headers ?? {};
  expect(headers).toMatchObject({ 'x-tenant': 'b', 'sec-websocket-version': '13' });
  expect(headers['x-other']).toBeUndefined();
});

test('equal operations of clients with different forwarded headers are asked for each of them', async () => {
  const gateway = await start({ forwardHeaders: ['x-tenant'] });
  graph.accounts.requests.length = 0;
  await Promise.all(
    ['a', 'b', 'c'].map((tenant) => gateway.ask('{ slow(ms: 50) }', { headers: { 'x-tenant': tenant } })),
  );
  expect(graph.accounts.requests.map(({ headers }) => String(headers['x-tenant'])).toSorted()).toEqual(['a', 'b', 'c']);
});

test('an anonymous caller is stated as one', async () => {
  const gateway = await start({ contextSecret: SECRET });
  graph.accounts.requests.length = 0;
  await gateway.ask('{ me { id } }');
  const { headers, body } = graph.accounts.requests[0] ?? { headers: {}, body: '' };
  await expect(
    verifyContext(headers[CONTEXT_HEADER] as string, { secret: SECRET, audience: 'accounts', body }),
  ).resolves.toMatchObject({ viewer: null });
});

test('a dead subgraph costs its part of the answer, is named in development, and is served again when it is back', async () => {
  const accounts = await startTestSubgraph({ name: 'accounts', sdl: ACCOUNTS_SDL, resolvers: accountsResolvers });
  const gateway = await start({ subgraphUrls: { accounts: accounts.url } });
  expect((await gateway.ask('{ me { id } }')).errors).toBeUndefined();
  await accounts.stop();

  const { status, data, errors } = await gateway.ask('{ notes { title actor { name } } }');
  expect(status).toBe(200);
  expect(data).toEqual({
    notes: [
      { title: 'first', actor: null },
      { title: 'second', actor: null },
    ],
  });
  expect(errors?.[0]?.message).toContain('ECONNREFUSED');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR', serviceName: 'accounts' });

  const revived = await startTestSubgraph({
    name: 'accounts',
    sdl: ACCOUNTS_SDL,
    resolvers: accountsResolvers,
    port: accounts.port,
  });
  await eventually(async () => (await gateway.ask('{ notes { actor { name } } }')).errors === undefined);
  await revived.stop();
});

test('in production a dead subgraph is neither named nor explained', async () => {
  const gateway = await start({ production: true, subgraphUrls: { accounts: 'http://127.0.0.1:9/graphql' } });
  const { data, errors } = await gateway.ask('{ notes { title actor { name } } }', {
    headers: { 'x-request-id': 'request-number-2' },
  });
  expect(data?.['notes']).toHaveLength(2);
  expect(errors).toEqual([
    {
      message: 'This part of the answer is unavailable right now.',
      path: ['notes'],
      extensions: { code: 'SUBREQUEST_HTTP_ERROR', requestId: 'request-number-2' },
    },
  ]);
});

test('a subgraph that does not answer in time, or answers nonsense, is an error of that kind', async () => {
  const slow = await start({ subgraphTimeoutMs: 100 });
  const late = await slow.ask('{ slow(ms: 5000) }');
  expect(late.errors?.[0]?.extensions).toMatchObject({ code: 'SUBREQUEST_TIMEOUT', serviceName: 'accounts' });

  const nonsense = createServer((_request, response) => response.writeHead(502).end('<html>bad gateway</html>')).listen(
    0,
    '127.0.0.1',
  );
  await once(nonsense, 'listening');
  const { port } = nonsense.address() as AddressInfo;
  const gateway = await start({ subgraphUrls: { accounts: `http://127.0.0.1:${port}/graphql` } });
  const { errors } = await gateway.ask('{ me { id } }');
  expect(errors?.[0]?.message).toContain('HTTP 502');
  nonsense.close();
});

test('a null that the schema does not allow and no subgraph explains is an error with its path', async () => {
  const careless = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"me":{"__typename":"User","id":"1","name":null}}}');
  }).listen(0, '127.0.0.1');
  await once(careless, 'listening');
  const { port } = careless.address() as AddressInfo;
  const gateway = await start({ subgraphUrls: { accounts: `http://127.0.0.1:${port}/graphql` } });
  const { data, errors } = await gateway.ask('{ me { id name } }');
  expect(data).toEqual({ me: null });
  expect(errors).toMatchObject([
    { message: expect.stringContaining('name') as string, extensions: { requestId: expect.any(String) as string } },
  ]);
  careless.close();
});

test('unexpected errors of a subgraph show in development and are masked in production, deliberate ones pass', async () => {
  const open = await start();
  const shown = await open.ask('{ fails failsWithCode }');
  expect(shown.data).toEqual({ fails: null, failsWithCode: null });
  expect(shown.errors?.map((error) => error.message).toSorted()).toEqual([
    'You may not.',
    'secret detail of the database',
  ]);
  expect(shown.errors?.[0]?.extensions['serviceName']).toBe('accounts');

  const closed = await start({ production: true });
  const masked = await closed.ask('{ fails failsWithCode }');
  expect(JSON.stringify(masked.errors)).not.toMatch(/secret|accounts/);
  expect(masked.errors?.map((error) => [error.message, error.path, error.extensions['code']])).toEqual([
    ['Internal server error', ['fails'], 'INTERNAL_SERVER_ERROR'],
    ['You may not.', ['failsWithCode'], 'FORBIDDEN'],
  ]);
});

test('production answers no introspection and suggests no fields', async () => {
  const gateway = await start({ production: true });
  expect((await gateway.ask('{ __schema { types { name } } }')).status).toBe(400);
  const { errors } = await gateway.ask('{ mee { id } }');
  expect(errors?.[0]?.message).toBe('Cannot query field "mee" on type "Query".');
});

test("invalid GraphQL, unknown fields and variables of the wrong type are the client's errors", async () => {
  const gateway = await start();
  const invalid = await gateway.ask('{ me { ');
  expect([invalid.status, invalid.errors?.[0]?.extensions['code']]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
  const unknown = await gateway.ask('{ nope }');
  expect([unknown.status, unknown.errors?.[0]?.extensions['code']]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  const wrong = await gateway.ask('query ($id: ID!) { user(id: $id) { id } }', { variables: { id: { a: 1 } } });
  expect([wrong.status, wrong.errors?.[0]?.extensions['code']]).toEqual([400, 'BAD_USER_INPUT']);
});
