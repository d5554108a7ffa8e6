import { IntrospectAndCompose, LocalCompose } from '@apollo/gateway';
import type { SupergraphManager } from '@apollo/gateway';
import { eventually } from '@orion/platform/testing';
import { parse } from 'graphql';
import { compose, recordingLogger, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { ACCOUNTS_SDL, accountsResolvers, startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';

let graph: TestGraph;
const gateways: TestGateway[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
});

afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.stop())));

afterAll(() => graph.stop());

async function start(options: Parameters<typeof startTestGateway>[0]): Promise<TestGateway> {
  const gateway = await startTestGateway(options);
  gateways.push(gateway);
  return gateway;
}

/** Serves what it is told to, as an embedder's own registry would. */
function ownManager(first: string) {
  let push: ((sdl: string) => void) | undefined;
  let cleaned = 0;
  const manager: SupergraphManager = {
    initialize: ({ update }) => {
      push = update;
      return Promise.resolve({ supergraphSdl: first, cleanup: () => Promise.resolve(void (cleaned += 1)) });
    },
  };
  return { manager, push: (sdl: string) => push?.(sdl), cleaned: () => cleaned };
}

test('IntrospectAndCompose introspects through the gateway, signed, and is polled', async () => {
  const names = ['accounts', 'inbox'] as const;
  const accounts = await startTestSubgraph({ name: 'accounts', sdl: ACCOUNTS_SDL, resolvers: accountsResolvers });
  const manager = new IntrospectAndCompose({
    subgraphs: [
      { name: names[0], url: accounts.url },
      { name: names[1], url: graph.inbox.url },
    ],
    pollIntervalInMs: 100,
  });
  const contextSecret = 'a-secret-of-the-test-that-is-long-enough';
  const gateway = await start({ supergraph: { manager }, contextSecret });
  expect((await gateway.ask('{ notes { actor { name } } }')).data).toMatchObject({
    notes: [{ actor: { name: 'Ada' } }, {}],
  });
  const introspection = accounts.requests.find(({ body }) => body.includes('_service'));
  expect(introspection?.headers['x-orion-context']).toEqual(expect.any(String));

  await accounts.stop();
  const changed = await startTestSubgraph({
    name: 'accounts',
    sdl: ACCOUNTS_SDL.replace('type Query {', 'type Query { added: String'),
    resolvers: accountsResolvers,
    port: accounts.port,
  });
  await eventually(async () => (await gateway.ask('{ added }')).status === 200);
  await changed.stop();
});

test('IntrospectAndCompose asks where subgraphUrls says', async () => {
  const manager = new IntrospectAndCompose({ subgraphs: [{ name: 'accounts', url: 'http://127.0.0.1:9/graphql' }] });
  const gateway = await start({ supergraph: { manager }, subgraphUrls: { accounts: graph.accounts.url } });
  expect((await gateway.ask('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
});

test('IntrospectAndCompose checks the health of subgraphs through the gateway', async () => {
  const manager = new IntrospectAndCompose({
    subgraphs: [{ name: 'accounts', url: graph.accounts.url }],
    subgraphHealthCheck: true,
  });
  const asked = graph.accounts.requests.length;
  await start({ supergraph: { manager } });
  const bodies = graph.accounts.requests.slice(asked).map(({ body }) => body);
  expect(bodies).toContain('{"query":"{ __typename }"}');
});

test('a start fails with what the manager says', async () => {
  const manager = new IntrospectAndCompose({ subgraphs: [{ name: 'away', url: 'http://127.0.0.1:9/graphql' }] });
  await expect(start({ supergraph: { manager }, subgraphRetries: 0 })).rejects.toThrow(
    /Couldn't load service definitions for "away"/,
  );
});

test('LocalCompose composes what it is given', async () => {
  const manager = new LocalCompose({
    localServiceList: [{ name: 'accounts', url: graph.accounts.url, typeDefs: parse(ACCOUNTS_SDL) }],
  });
  const gateway = await start({ supergraph: { manager } });
  expect((await gateway.ask('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
});

test('a manager of the embedder brings new supergraphs, bad ones are refused, and it is cleaned up', async () => {
  const { logger, lines } = recordingLogger();
  const { manager, push, cleaned } = ownManager(await compose(graph.subgraphs));
  const gateway = await start({ supergraph: { manager }, logger });
  push('type Query { a: Int }');
  await eventually(() => lines.some((line) => /stays as it was/.test(line) && /core schema/.test(line)));
  expect((await gateway.ask('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });

  const { accounts, inbox } = graph;
  const changed = { ...accounts, sdl: ACCOUNTS_SDL.replace('type Query {', 'type Query { added: String') };
  push(await compose([changed, inbox]));
  await eventually(async () => (await gateway.ask('{ added }')).status === 200);
  expect(cleaned()).toBe(0);
  await gateway.stop();
  expect(cleaned()).toBe(1);
});
