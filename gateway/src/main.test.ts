import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@orion/platform/testing';
import { connectClient } from './testing/test-client.js';
import { compose } from './testing/test-gateway.js';
import { startTestGraph } from './testing/test-graph.js';
import type { TestGraph } from './testing/test-graph.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
let graph: TestGraph;
let folder: string;
let supergraph: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  folder = await mkdtemp(join(tmpdir(), 'gateway-main-'));
  supergraph = join(folder, 'supergraph.graphql');
  await writeFile(supergraph, await compose(graph.subgraphs));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await graph.stop();
  await rm(folder, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

function run(flags: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const child = fork(MAIN, [...flags], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  child.stderr?.on('data', (chunk) => (output += String(chunk)));
  return { child, output: () => output, exit: once(child, 'exit').then(([code]) => code as number | null) };
}

async function ready({ child }: Running): Promise<string> {
  const [message] = (await once(child, 'message')) as [{ readonly type: string; readonly port: number }];
  expect(message.type).toBe('ready');
  return `http://127.0.0.1:${message.port}/graphql`;
}

function query(endpoint: string, text: string): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  });
}

test('runs any supergraph alone, and drains on SIGTERM: the request in flight is answered, sockets close with 1001', async () => {
  const running = run(['--supergraph', supergraph, '--port', '0']);
  const endpoint = await ready(running);
  const client = connectClient(endpoint.replace('http', 'ws'));
  client.subscribe('subscription { noted(topic: "t") { title } }');
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  const before = graph.accounts.requests.length;
  const inFlight = query(endpoint, '{ slow(ms: 400) }');
  await eventually(() => graph.accounts.requests.length > before);

  const stoppedAt = Date.now();
  running.child.kill('SIGTERM');
  expect(await (await inFlight).json()).toEqual({ data: { slow: 'done' } });
  expect(await running.exit).toBe(0);
  expect(Date.now() - stoppedAt).toBeLessThan(2_000);
  await eventually(() => client.closes.length === 1);
  expect(client.closes[0]?.code).toBe(1001);
});

test('does not wait for a request that never ends', async () => {
  const running = run(['--supergraph', supergraph, '--port', '0']);
  const endpoint = await ready(running);
  const before = graph.accounts.requests.length;
  const inFlight = query(endpoint, '{ slow(ms: 8000) }').catch(() => 'cut off');
  await eventually(() => graph.accounts.requests.length > before);
  const stoppedAt = Date.now();
  running.child.kill('SIGTERM');
  expect(await running.exit).toBe(0);
  expect(Date.now() - stoppedAt).toBeLessThan(2_500);
  expect(await inFlight).toBe('cut off');
}, 10_000);

test('goes when its parent goes', async () => {
  const running = run([], { SUPERGRAPH: supergraph, PORT: '0' });
  await ready(running);
  running.child.disconnect();
  expect(await running.exit).toBe(0);
});

test('says everything that is wrong with its configuration, and exits with 78', async () => {
  const running = run([], {
    PORT: 'many',
    SUBGRAPH_URLS: 'auth',
    JWKS_URL: 'nowhere',
    ORION_CONTEXT_SECRET: 'short',
    MAX_DEPTH: '0',
  });
  expect(await running.exit).toBe(78);
  for (const name of ['PORT', 'SUBGRAPH_URLS', 'JWKS_URL', 'ORION_CONTEXT_SECRET', 'MAX_DEPTH'])
    expect(running.output()).toContain(name);
});

test.each([
  ['no supergraph', [], /exactly one of ROVER_CONFIG.*SUPERGRAPH/],
  ['an unknown flag', ['--graph', 'x'], /--graph.*--supergraph FILE/s],
  ['a file that is not there', ['--supergraph', '/nowhere/at/all'], /\/nowhere\/at\/all cannot be read/],
  ['a rover.yaml that is not there', ['--rover', '/nowhere/rover.yaml'], /rover\.yaml cannot be read/],
])('exits with 78 for %s', async (_what, flags, message) => {
  const running = run(flags, { PORT: '0' });
  expect(await running.exit).toBe(78);
  expect(running.output()).toMatch(message);
});

test('a taken port is an error that names it', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const running = run(['--supergraph', supergraph, '--port', String((taken.address() as AddressInfo).port)]);
  expect(await running.exit).toBe(1);
  expect(running.output()).toMatch(/EADDRINUSE.*127\.0\.0\.1/);
  taken.close();
});
