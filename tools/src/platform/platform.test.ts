import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { commandOf, isAlive } from '../process-info/index.js';
import { startPlatform } from './index.js';
import type { Platform, PlatformEvent, PlatformOptions } from './index.js';
import { writeFixtureCheckout } from './testing/fixture-checkout.js';
import type { FixtureCheckout } from './testing/fixture-checkout.js';

let checkout: FixtureCheckout;
const started: Platform[] = [];

beforeEach(async () => {
  checkout = await writeFixtureCheckout({ auth: 4001, user: 4002, 'fifth-one': 4005 });
});

afterEach(async () => {
  for (const platform of started.splice(0)) await platform.stop();
  await checkout.remove();
});

async function start(options: Partial<PlatformOptions> = {}): Promise<Platform> {
  const platform = await startPlatform({ mode: 'test', root: checkout.root, ...options });
  started.push(platform);
  return platform;
}

async function ask(platform: Platform, name: string): Promise<{ pid: number; env: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${platform.ports[name]}/`);
  return (await response.json()) as { pid: number; env: Record<string, string> };
}

/** Command lines that name the checkout; only Linux lets one look without a tool. */
async function processesOf(root: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isAlive(pid));
  const commands = await Promise.all(pids.map(commandOf));
  return commands.filter((command) => command !== null).filter((command) => command.includes(root));
}

async function connect(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  // The server may be killed with the connection still open.
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
}

test('every folder of subgraphs/ gets a process with the environment of the contract', async () => {
  const platform = await start();
  expect(Object.keys(platform.processes)).toEqual(['auth', 'user', 'fifth-one', 'gateway']);
  const { env } = await ask(platform, 'fifth-one');
  expect(env).toMatchObject({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(platform.ports['fifth-one']),
    DATABASE_URL: platform.databaseUrls['fifth-one'],
    BUS_DATABASE_URL: platform.databaseUrls['bus'],
    ORION_CONTEXT_SECRET: platform.contextSecret,
    ORION_DEMO: 'true',
    PUBLIC_URL: `http://localhost:${platform.ports['gateway']}`,
  });
  expect(Buffer.from(env['ORION_SEALING_KEY'] ?? '', 'base64')).toHaveLength(32);
  const gateway = await ask(platform, 'gateway');
  expect(gateway.env['SUBGRAPH_URLS']?.split(',')).toContain(`user=http://127.0.0.1:${platform.ports['user']}/graphql`);
  expect(gateway.env['JWKS_URL']).toBe(`http://127.0.0.1:${platform.ports['auth']}/.well-known/jwks.json`);
  expect(gateway.env['API_KEYS_URL']).toBe(`http://127.0.0.1:${platform.ports['user']}/graphql`);
  expect(gateway.env['ROVER_CONFIG']).toBe(path.join(checkout.root, 'rover.yaml'));
  expect(gateway.env).not.toHaveProperty('DATABASE_URL');
  expect(gateway.env).not.toHaveProperty('ORION_SEALING_KEY');
});

test('a role connects to its own database and to no other', async () => {
  const { databaseUrls } = await start();
  const { auth = '', user = '', bus = '' } = databaseUrls;
  for (const url of [auth, user, bus]) await connect(url);
  const strange = new URL(auth);
  for (const other of [user, bus]) {
    strange.pathname = new URL(other).pathname;
    await expect(connect(strange.href)).rejects.toThrow(/permission denied for database/);
  }
});

test('what a test platform made on a server that is not its own is gone after stop', async () => {
  const platform = await start();
  const { auth = '', admin = '' } = platform.databaseUrls;
  await platform.stop();
  await platform.stop();
  await expect(connect(auth)).rejects.toThrow();
  await connect(admin);
  expect(existsSync(platform.dataDir)).toBe(false);
});

test('a process that dies is started again on the same port, and whenReady waits for the new one', async () => {
  const events: PlatformEvent[] = [];
  const platform = await start({ onEvent: (event) => events.push(event) });
  const before = await ask(platform, 'user');
  await platform.kill('user');
  expect(isAlive(before.pid)).toBe(false);
  await platform.whenReady('user');
  const after = await ask(platform, 'user');
  expect(after.pid).not.toBe(before.pid);
  expect(platform.processes['user']?.restarts).toBe(1);
  expect(events).toContainEqual({ type: 'ended', name: 'user', restarts: 1, how: 'SIGKILL', restartInMs: 100 });
  // By itself, too; and a second time in a row it waits longer.
  await fetch(`http://127.0.0.1:${platform.ports['user']}/crash`).catch((error: unknown) =>
    expect(error).toBeDefined(),
  );
  while (platform.processes['user']?.restarts !== 2) await new Promise((resolve) => setImmediate(resolve));
  await platform.whenReady('user');
  expect(events).toContainEqual({ type: 'ended', name: 'user', restarts: 2, how: 'exit status 3', restartInMs: 200 });
});

test('restart stops in order and applies changes to the environment', async () => {
  const platform = await start();
  const before = await ask(platform, 'auth');
  await platform.restart('auth', { env: { COLOUR: 'blue' } });
  const after = await ask(platform, 'auth');
  expect(after.pid).not.toBe(before.pid);
  expect(after.env['COLOUR']).toBe('blue');
  expect(platform.processes['auth']?.restarts).toBe(0);
});

test('without restart a dead process stays dead and whenReady says so', async () => {
  const platform = await start({ restart: false });
  await platform.kill('auth');
  await expect(platform.whenReady('auth')).rejects.toThrow('auth ended (SIGKILL)');
});

test('a process that fails as it starts fails the start, with its last lines, and nothing is left', async () => {
  const failure = start({ env: { FIXTURE_REFUSE: 'user' } });
  await expect(failure).rejects.toMatchObject({
    name: 'Problem',
    message: 'user ended (exit status 78) before it was ready.',
    advice: expect.arrayContaining(['PORT: must be even']) as string[],
  });
  expect(await processesOf(checkout.root)).toEqual([]);
});

test('stop takes less than two seconds though a process ignores SIGTERM', async () => {
  const platform = await start({ env: { FIXTURE_DEAF: 'user' } });
  const pids = Object.values(platform.processes).map(({ pid }) => pid ?? 0);
  const startedAt = performance.now();
  await platform.stop();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(platform.whenReady('user')).rejects.toThrow('user was stopped');
});

test('an abort while services start leaves no process, and none that gets ready now is started again', async () => {
  const events: PlatformEvent[] = [];
  const abort = new AbortController();
  const logs = path.join(checkout.root, '.orion-abort');
  const starting = startPlatform({
    mode: 'test',
    root: checkout.root,
    dataDir: logs,
    env: { FIXTURE_SILENT: 'user' },
    signal: abort.signal,
    onEvent: (event) => events.push(event),
  });
  const outcome = expect(starting).rejects.toThrow(/abort/i);
  while (
    !existsSync(path.join(logs, 'logs', 'gateway.log')) ||
    !readFileSync(path.join(logs, 'logs', 'user.log'), 'utf8').includes('user starts')
  ) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  abort.abort();
  await outcome;
  expect(events.filter((event) => event.type === 'ended')).toEqual([]);
  expect(await processesOf(checkout.root)).toEqual([]);
});

test('services end when their launcher is killed', async () => {
  const script = `
    const { startPlatform } = await import(${JSON.stringify(new URL('index.js', import.meta.url).href)});
    const platform = await startPlatform({ mode: 'test', root: ${JSON.stringify(checkout.root)} });
    console.log(JSON.stringify(Object.values(platform.processes).map(({ pid }) => pid)));
  `;
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids.filter(isAlive)).toHaveLength(4);
  launcher.kill('SIGKILL');
  while (pids.some(isAlive)) await new Promise((resolve) => setImmediate(resolve));
});

test('demo mode: embedded Postgres, data and secrets survive, and Postgres itself is revived', async () => {
  const dataDir = path.join(checkout.root, '.orion');
  const demo = { mode: 'demo', ports: 'random', dataDir } as const;
  delete process.env['DATABASE_URL'];
  const first = await start(demo);
  const { auth = '', admin = '' } = first.databaseUrls;
  expect(new URL(auth).pathname).toBe('/orion_auth');
  expect(statSync(path.join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  const maintenance = new URL(auth);
  maintenance.pathname = '/postgres';
  await expect(connect(maintenance.href)).rejects.toThrow(/permission denied/);
  await first.kill('postgres');
  await expect(connect(admin)).rejects.toThrow();
  await first.whenReady('postgres');
  await connect(auth);
  await first.stop();
  const second = await start(demo);
  expect(new URL(second.databaseUrls['auth'] ?? '').password).toBe(new URL(auth).password);
  expect(second.contextSecret).toBe(first.contextSecret);
  await connect(second.databaseUrls['auth'] ?? '');
});
