import { ApolloServer } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import { eventually, testViewer } from '@orion/platform/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApolloServerGateway } from './apollo-server.js';
import type { ApolloServerGatewayOptions } from './apollo-server.js';
import { compose, testLogger } from './testing/test-gateway.js';
import { startTestGraph } from './testing/test-graph.js';
import type { TestGraph } from './testing/test-graph.js';

const SECRET = 'a-secret-of-at-least-32-characters';
const VIEWER = testViewer({ userId: 'u1' });

interface Context {
  readonly user?: string;
}

let graph: TestGraph;
let sdl: string;
const servers: ApolloServer<Context>[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  sdl = await compose(graph.subgraphs);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

afterAll(() => graph.stop());

function serverOf(
  options: Partial<ApolloServerGatewayOptions<Context>> = {},
  plugins: ApolloServerPlugin<Context>[] = [],
): ApolloServer<Context> {
  const gateway = createApolloServerGateway<Context>({ supergraph: { sdl }, logger: testLogger, ...options });
  return new ApolloServer<Context>({
    gateway,
    plugins,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
  });
}

async function started(...parameters: Parameters<typeof serverOf>): Promise<ApolloServer<Context>> {
  const server = serverOf(...parameters);
  servers.push(server);
  await server.start();
  return server;
}

type Asked = Parameters<ApolloServer<Context>['executeOperation']>[0];

async function ask(server: ApolloServer<Context>, request: Asked, contextValue: Context = {}) {
  const { body, http } = await server.executeOperation(request, { contextValue });
  if (body.kind !== 'single') throw new Error('an answer in parts');
  return { ...body.singleResult, status: http.status };
}

test('executeOperation runs on the engine, across subgraphs and with variables', async () => {
  const server = await started();
  const { data, errors } = await ask(server, {
    query: 'query Notes($show: Boolean!) { notes { title actor @include(if: $show) { name } } other: __typename }',
    variables: { show: true },
  });
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    notes: [
      { title: 'first', actor: { name: 'Ada' } },
      { title: 'second', actor: { name: 'Ada' } },
    ],
    other: 'Query',
  });
});

test('plugins see the operation, its errors and its response', async () => {
  const seen: string[] = [];
  const plugin: ApolloServerPlugin<Context> = {
    serverWillStart: async () => ({
      schemaDidLoadOrUpdate: ({ apiSchema, coreSupergraphSdl }) => {
        seen.push(`schema ${apiSchema.getType('User')?.name} ${coreSupergraphSdl === sdl}`);
      },
    }),
    requestDidStart: async () => ({
      didResolveOperation: async ({ operationName }) => void seen.push(`resolved ${operationName}`),
      executionDidStart: async () => void seen.push('executes'),
      didEncounterErrors: async ({ errors }) => void seen.push(`error ${errors[0]?.path?.join('.')}`),
      willSendResponse: async ({ response }) => {
        response.http.headers.set('x-plugin', 'was here');
        seen.push('sends');
      },
    }),
  };
  const server = await started({}, [plugin]);
  const { data, errors } = await ask(server, {
    query: 'query One { me { id } } query Two { me { name } failsWithCode }',
    operationName: 'Two',
  });
  expect(data).toEqual({ me: { name: 'Ada' }, failsWithCode: null });
  expect(errors).toMatchObject([
    { message: 'You may not.', path: ['failsWithCode'], extensions: { code: 'FORBIDDEN' } },
  ]);
  expect(seen).toEqual(['schema User true', 'resolved Two', 'executes', 'error failsWithCode', 'sends']);
});

test('subgraphs are told who is behind the operation, and get the configured headers', async () => {
  const server = serverOf({
    contextSecret: SECRET,
    forwardHeaders: ['x-tenant'],
    identify: ({ user }) => ({
      viewer: user === undefined ? null : { ...VIEWER, userId: user },
      clientIp: '192.0.2.7',
    }),
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: ({ req }) => Promise.resolve({ user: String(req.headers.authorization) }),
  });
  servers.push(server);
  graph.accounts.requests.length = 0;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'ada',
      'x-tenant': 'north',
      'x-other': 'o',
      'x-orion-context': 'forged',
      'x-request-id': 'request-number-1',
      'user-agent': 'tester',
    },
    body: '{"query":"{ me { name } }"}',
  });
  await expect(response.json()).resolves.toEqual({ data: { me: { name: 'Ada' } } });
  const { headers, body } = graph.accounts.requests[0] ?? { headers: {}, body: '' };
  await expect(
    verifyContext(headers[CONTEXT_HEADER] as string, { secret: SECRET, audience: 'accounts', body }),
  ).resolves.toEqual({
    viewer: { ...VIEWER, userId: 'ada' },
    clientIp: '192.0.2.7',
    userAgent: 'tester',
    requestId: 'request-number-1',
  });
  expect(headers).toMatchObject({ 'x-tenant': 'north', 'x-request-id': 'request-number-1' });
  expect(headers['x-other']).toBeUndefined();
});

test('what the engine refuses is answered with 400 and its code, a subscription with 406', async () => {
  const server = await started({ limits: { aliases: 1 } });
  const refused = await ask(server, { query: '{ a: __typename b: __typename }' });
  expect(refused.status).toBe(400);
  expect(refused.data).toBeUndefined();
  expect(refused.errors?.[0]?.extensions?.['code']).toEqual(expect.stringMatching(/LIMIT/));
  const subscription = await ask(server, { query: 'subscription { noted(topic: "a") { id } }' });
  expect(subscription.status).toBe(406);
  expect(subscription.errors?.[0]?.extensions?.['code']).toBe('SUBSCRIPTION_NEEDS_STREAM');
});

test('introspection is allowed or refused by the server', async () => {
  const server = await started({ production: true });
  const { data } = await ask(server, { query: '{ __type(name: "User") { name } }' });
  expect(data).toEqual({ __type: { name: 'User' } });
});

test('a changed supergraph is served without a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orion-apollo-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, sdl);
  const server = await started({ supergraph: { file } });
  const query = '{ __type(name: "User") { description } }';
  expect((await ask(server, { query })).data).toEqual({ __type: { description: null } });
  await writeFile(file, sdl.replace(/^type User\b/m, '"""A person."""\ntype User'));
  await eventually(async () => {
    const { data } = await ask(server, { query });
    return JSON.stringify(data).includes('A person.');
  });
  await rm(folder, { recursive: true });
});

test('a supergraph that cannot be served fails the start', async () => {
  const server = serverOf({ supergraph: { sdl: 'type Query { a: Int }' } });
  await expect(server.start()).rejects.toThrow();
});
