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
import { compose } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
let graph: TestGraph;
let folder: string;
let supergraph: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  folder = await mkdtemp(join(tmpdir(), 'gateway-workers-'));
  supergraph = join(folder, 'supergraph.graphql');
  await writeFile(supergraph, await compose(graph.subgraphs));
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await graph.stop();
  await rm(folder, { recursive: true });
});

interface Line {
  readonly msg?: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly path?: string;
}

/** A primary and what it and its workers have logged. */
interface Fleet {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly lines: () => readonly Line[];
  readonly exit: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

function run(environment: Readonly<Record<string, string>> = {}, file = supergraph): Fleet {
  const child = fork(MAIN, ['--supergraph', file, '--port', '0'], {
    env: { PATH: process.env['PATH'], WORKERS: '2', ACCESS_LOG: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  child.stderr?.on('data', (chunk) => (output += String(chunk)));
  const lines = (): readonly Line[] =>
    output
      .slice(0, output.lastIndexOf('\n'))
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  const exit = once(child, 'exit').then(([code, signal]) => [code, signal] as [number | null, NodeJS.Signals | null]);
  return { child, output: () => output, lines, exit };
}

async function start(environment?: Readonly<Record<string, string>>): Promise<Fleet & { readonly endpoint: string }> {
  const fleet = run(environment);
  const ready = once(fleet.child, 'message').then(([message]) => (message as { readonly port: number }).port);
  const port = await Promise.race([ready, fleet.exit.then(() => undefined)]);
  if (port === undefined) throw new Error(`it ended before it served:\n${fleet.output()}`);
  return { ...fleet, endpoint: `http://127.0.0.1:${port}/graphql` };
}

function pids(fleet: Fleet): readonly number[] {
  return fleet
    .lines()
    .filter(({ msg }) => msg === 'a worker serves')
    .map(({ pid }) => pid ?? 0);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: it is gone.
    return false;
  }
}

/** On a connection of its own, so that the workers take turns. */
async function ask(endpoint: string, text = '{ me { name } }', signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(endpoint, {
    ...(signal === undefined ? {} : { signal }),
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ query: text }),
  });
  return response.json();
}

test('two workers answer on one port, and SIGTERM lets both finish', async () => {
  const fleet = await start();
  await eventually(async () => {
    expect(await ask(fleet.endpoint)).toEqual({ data: { me: { name: 'Ada' } } });
    return new Set(fleet.lines().flatMap(({ path, worker }) => (path === '/graphql' ? [worker] : []))).size === 2;
  });
  const before = graph.accounts.requests.length;
  const inFlight = [1, 2].map((n) => ask(fleet.endpoint, `{ slow(ms: ${400 + n}) }`));
  await eventually(() => graph.accounts.requests.length >= before + 2);
  fleet.child.kill('SIGTERM');
  expect(await Promise.all(inFlight)).toEqual([{ data: { slow: 'done' } }, { data: { slow: 'done' } }]);
  expect(await fleet.exit).toEqual([0, null]);
  expect(pids(fleet).filter(isAlive)).toEqual([]);
  await expect(ask(fleet.endpoint)).rejects.toThrow('fetch failed');
});

test('a worker that dies is replaced, and the other one answers meanwhile', async () => {
  const metricsPort = await freePort();
  const fleet = await start({ METRICS_PORT: String(metricsPort) });
  const [victim = 0] = pids(fleet);
  process.kill(victim, 'SIGKILL');
  await eventually(() => !isAlive(victim));
  expect(await ask(fleet.endpoint)).toEqual({ data: { me: { name: 'Ada' } } });
  // One that is still starting is not waited for.
  await eventually(async () => (await scrape(metricsPort)).includes('orion_workers 1\n'));
  await eventually(() => pids(fleet).length === 3);
  const metrics = await scrape(metricsPort);
  expect(metrics).toContain('orion_workers 2\n');
  expect(metrics).toContain('orion_worker_restarts 1\n');
  fleet.child.kill('SIGTERM');
  expect(await fleet.exit).toEqual([0, null]);
});

test('metrics of all workers are added up on a port of their own', async () => {
  const metricsPort = await freePort();
  const fleet = await start({ METRICS_PORT: String(metricsPort) });
  let answered = 0;
  await eventually(async () => {
    await ask(fleet.endpoint);
    answered += 1;
    return new Set(fleet.lines().flatMap(({ path, worker }) => (path === '/graphql' ? [worker] : []))).size === 2;
  });
  const metrics = await scrape(metricsPort);
  expect(metrics).toContain(
    `http_server_request_duration_seconds_count{http_request_method="POST",http_response_status_code="200"} ${answered}`,
  );
  expect((await fetch(fleet.endpoint.replace('/graphql', '/metrics'))).status).toBe(404);
  fleet.child.kill('SIGTERM');
  await fleet.exit;
});

test('the second signal ends the workers as well', async () => {
  const fleet = await start({ NODE_ENV: 'production' });
  const before = graph.accounts.requests.length;
  const inFlight = ask(fleet.endpoint, '{ slow(ms: 8000) }').catch(() => 'cut off');
  await eventually(() => graph.accounts.requests.length > before);
  fleet.child.kill('SIGTERM');
  // A connection that the system still took is never answered, and must not outlast the drain.
  await eventually(() =>
    ask(fleet.endpoint, undefined, AbortSignal.timeout(2_000)).then(
      () => false,
      () => true,
    ),
  );
  fleet.child.kill('SIGTERM');
  expect(await fleet.exit).toEqual([1, null]);
  expect(await inFlight).toBe('cut off');
  await eventually(() => pids(fleet).every((pid) => !isAlive(pid)));
});

test('workers go when the primary is killed', async () => {
  const fleet = await start();
  fleet.child.kill('SIGKILL');
  await eventually(() => pids(fleet).every((pid) => !isAlive(pid)));
});

test('what is wrong with the supergraph is said once, and the exit is 78', async () => {
  const fleet = run({ LOG_LEVEL: 'fatal' }, join(folder, 'missing.graphql'));
  expect(await fleet.exit).toEqual([78, null]);
  expect(fleet.output().match(/missing\.graphql cannot be read/g)).toHaveLength(1);
});

test('several workers need a port for their metrics', async () => {
  const fleet = run({ METRICS: 'public' });
  expect(await fleet.exit).toEqual([78, null]);
  expect(fleet.output()).toMatch(/METRICS.*METRICS_PORT/);
});

async function scrape(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
