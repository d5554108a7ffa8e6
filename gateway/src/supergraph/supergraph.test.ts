import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@orion/platform/config';
import { eventually } from '@orion/platform/testing';
import { compose, recordingLogger, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { ACCOUNTS_SDL, accountsResolvers, INBOX_SDL, startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';
import { composeSupergraph } from './compose.js';
import { readRoverConfig } from './rover-config.js';

let graph: TestGraph;
let folder: string;
const gateways: TestGateway[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-rover-'));
  await mkdir(join(folder, 'schemas'));
  await writeFile(join(folder, 'schemas/accounts.graphql'), ACCOUNTS_SDL);
  await writeFile(join(folder, 'schemas/inbox.graphql'), INBOX_SDL);
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
  await rm(folder, { recursive: true });
});

afterAll(() => graph.stop());

async function start(options: Parameters<typeof startTestGateway>[0]): Promise<TestGateway> {
  const gateway = await startTestGateway(options);
  gateways.push(gateway);
  return gateway;
}

async function writeRover(accountsUrl = graph.accounts.url): Promise<string> {
  const path = join(folder, 'rover.yaml');
  await writeFile(
    path,
    `federation_version: =2.11.2
subgraphs:
  accounts:
    routing_url: ${accountsUrl}
    schema:
      file: ./schemas/accounts.graphql
  inbox:
    routing_url: ${graph.inbox.url}
    schema:
      subgraph_url: ${graph.inbox.url}
`,
  );
  return path;
}

test('composes from files and from running subgraphs, as rover.yaml says', async () => {
  const gateway = await start({ supergraph: { roverConfig: await writeRover() } });
  expect((await gateway.ask('{ notes { actor { name } } }')).data).toEqual({
    notes: [{ actor: { name: 'Ada' } }, { actor: { name: 'Ada' } }],
  });
});

test('SUBGRAPH_URLS replaces the routing URL, and must name a subgraph', async () => {
  const roverConfig = await writeRover('http://127.0.0.1:9/graphql');
  const gateway = await start({ supergraph: { roverConfig }, subgraphUrls: { accounts: graph.accounts.url } });
  expect((await gateway.ask('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });
  await expect(start({ supergraph: { roverConfig }, subgraphUrls: { acounts: graph.accounts.url } })).rejects.toThrow(
    /acounts.*accounts, inbox/,
  );
});

test('serves a changed schema without a restart, and keeps the last good one when a change is bad', async () => {
  const { logger, lines } = recordingLogger();
  const gateway = await start({ supergraph: { roverConfig: await writeRover() }, logger });
  const file = join(folder, 'schemas/accounts.graphql');
  expect((await gateway.ask('{ added }')).status).toBe(400);

  await writeFile(file, ACCOUNTS_SDL.replace('type Query {', 'type Query { added: String'));
  await eventually(
    async () => (await gateway.ask('{ __type(name: "Query") { fields { name } } added }')).status === 200,
  );

  await writeFile(file, 'type Query { broken');
  await eventually(() => lines.some((line) => /accounts\.graphql:1: Syntax Error.*"subgraph":"accounts"/.test(line)));
  // A file replaced by rename is noticed too; this one cannot be composed.
  await writeFile(join(folder, 'next'), 'type Query { me: Unknown }');
  await rename(join(folder, 'next'), file);
  await eventually(() => lines.some((line) => /Unknown type Unknown/.test(line)));
  expect((await gateway.ask('{ added }')).status).toBe(200);
  expect((await gateway.ask('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });

  await writeFile(file, ACCOUNTS_SDL.replace('type Query {', 'type Query { repaired: String'));
  await eventually(async () => (await gateway.ask('{ repaired }')).status === 200);
});

test('reads a composed supergraph and follows its file', async () => {
  const file = join(folder, 'supergraph.graphql');
  const sdl = await compose(graph.subgraphs);
  await writeFile(file, sdl);
  const { logger, lines } = recordingLogger();
  const gateway = await start({ supergraph: { file }, logger });
  expect((await gateway.ask('{ me { name } }')).data).toEqual({ me: { name: 'Ada' } });

  const { accounts, inbox } = graph;
  const changed = { ...accounts, sdl: ACCOUNTS_SDL.replace('type Query {', 'type Query { added: String') };
  await writeFile(file, await compose([changed, inbox]));
  await eventually(async () => (await gateway.ask('{ added }')).status === 200);
  await writeFile(file, 'no supergraph');
  await eventually(() => lines.some((line) => /stays as it was/.test(line)));
  expect((await gateway.ask('{ added }')).status).toBe(200);
});

test('waits for a subgraph that it has to introspect, listening but not ready', async () => {
  const reserved = await startTestSubgraph({ name: 'accounts', sdl: ACCOUNTS_SDL, resolvers: accountsResolvers });
  await reserved.stop();
  const roverConfig = join(folder, 'rover.yaml');
  await writeFile(roverConfig, `subgraphs:\n  accounts:\n    schema: { subgraph_url: "${reserved.url}" }\n`);
  const { createGateway } = await import('../create-gateway.js');
  const { testLogger } = await import('../testing/test-gateway.js');
  const port = await freePort();
  const gateway = createGateway({ supergraph: { roverConfig }, port, logger: testLogger });
  const started = gateway.start();
  await eventually(async () => (await fetch(`http://127.0.0.1:${port}/health?live`)).status === 200);
  expect((await fetch(`http://127.0.0.1:${port}/health?ready`)).status).toBe(503);
  const early = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ me { id } }"}',
  });
  expect(early.status).toBe(503);

  const accounts = await startTestSubgraph({
    name: 'accounts',
    sdl: ACCOUNTS_SDL,
    resolvers: accountsResolvers,
    port: reserved.port,
  });
  await started;
  expect((await fetch(`http://127.0.0.1:${port}/health?ready`)).status).toBe(200);
  await gateway.stop();
  await accounts.stop();
});

test('names every problem of rover.yaml with file and line', async () => {
  const path = join(folder, 'rover.yaml');
  await writeFile(
    path,
    `federation_version: 1
subgraphs:
  accounts:
    routing_ulr: http://localhost:4001
    schema:
      file: ./schemas/acounts.graphql
  inbox:
    routing_url: not a url
    schema:
      file: ./schemas/inbox.graphql
      subgraph_url: http://localhost:4002
colour: red
`,
  );
  const error = await readRoverConfig(path).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).problems.map((problem) => problem.slice(path.length))).toEqual([
    expect.stringMatching(/^:12: unknown key colour/),
    expect.stringMatching(/^:1: federation_version 1/),
    expect.stringMatching(/^:4: unknown key routing_ulr in subgraph accounts/),
    expect.stringMatching(/^:6: schema file of accounts does not exist/),
    expect.stringMatching(/^:3: subgraph accounts has no routing_url/),
    expect.stringMatching(/^:10: schema of inbox must have exactly one/),
    expect.stringMatching(/^:8: routing_url of inbox/),
  ]);
});

test('broken YAML and a missing file are said as such', async () => {
  const path = join(folder, 'rover.yaml');
  await expect(readRoverConfig(path)).rejects.toThrow(/cannot be read/);
  await writeFile(path, 'subgraphs:\n  a: [1\n');
  await expect(readRoverConfig(path)).rejects.toThrow(/rover\.yaml:\d+:/);
});

test('a composition error names the subgraph, its file and the line', async () => {
  const accounts = { name: 'accounts', url: 'http://a', sdl: ACCOUNTS_SDL, origin: 'accounts.graphql' };
  const clash = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type User @key(fields: "id") { id: ID! name: String! }`;
  await expect(
    composeSupergraph([accounts, { name: 'other', url: 'http://b', sdl: clash, origin: 'other.graphql' }]),
  ).rejects.toMatchObject({
    problems: [{ message: expect.stringMatching(/accounts\.graphql:2: other\.graphql:2: .*User\.name/) as string }],
  });
  await expect(composeSupergraph([{ ...accounts, sdl: 'type Query {' }])).rejects.toThrow(
    /accounts\.graphql:1: Syntax Error/,
  );
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
