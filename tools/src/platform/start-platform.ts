import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, constants, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderProblem, makeFolder } from '../embedded-postgres/index.js';
import { errorText } from '../problem/index.js';
import { dropDatabases, ensureDatabases } from './databases.js';
import type { Platform, PlatformOptions } from './platform.js';
import { choosePorts, GATEWAY } from './ports.js';
import { openPostgres } from './postgres-source.js';
import type { PostgresSource } from './postgres-source.js';
import { loadSecrets } from './secrets.js';
import type { Secrets } from './secrets.js';
import { gatewayEnvironment, subgraphEnvironment } from './service-environment.js';
import type { EnvironmentOptions } from './service-environment.js';
import { openServiceLog } from './service-log.js';
import { superviseService } from './service-process.js';
import type { ServiceProcess } from './service-process.js';
import { listSubgraphs } from './subgraph-catalog.js';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

/** Starts Postgres (if need be), databases, subgraphs and gateway; resolves when all of them serve. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const cleanups: Cleanup[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= runAll(cleanups));
  try {
    return await assemble(options, { cleanups, stop });
  } catch (error) {
    await stop();
    options.signal?.throwIfAborted();
    throw error;
  }
}

type Cleanup = () => Promise<void>;

interface Assembly {
  /** Run in reverse order. */
  readonly cleanups: Cleanup[];
  readonly stop: () => Promise<void>;
}

async function assemble(options: PlatformOptions, { cleanups, stop }: Assembly): Promise<Platform> {
  const { mode, root = CHECKOUT, signal, onEvent } = options;
  signal?.throwIfAborted();
  const subgraphs = await listSubgraphs(root);
  const services = [...subgraphs.map(({ name }) => name), 'bus'];
  const ports = await choosePorts(options, { subgraphs });
  const dataDir = await openDataDir(options, { cleanups });
  const secrets = await loadSecrets(dataDir, { services });
  const logDir = path.join(dataDir, 'logs');
  await makeDataFolder(logDir, { mode: 0o700 });

  const postgres = await openPostgres({
    serverUrl: serverUrl(options),
    dataDir: path.join(dataDir, 'postgres'),
    throwAway: mode === 'test',
    port: mode === 'test' ? 0 : 54_329,
    logDir,
    signal,
    onEvent: (event) => onEvent?.(event),
  });
  cleanups.push(() => postgres.stop());
  const databases = {
    passwords: pick(secrets.databasePasswords, services),
    prefix: mode === 'test' ? `t${randomBytes(5).toString('hex')}` : 'orion',
    exclusive: postgres.embedded !== null,
  };
  if (mode === 'test' && postgres.embedded === null) {
    cleanups.push(() => dropDatabases(postgres.adminUrl, { services, prefix: databases.prefix }));
  }
  const databaseUrls = await ensureDatabases(postgres.adminUrl, databases);
  signal?.throwIfAborted();

  const environment: EnvironmentOptions = {
    root,
    mode,
    secrets,
    ports,
    databaseUrls,
    cacheDir: path.join(dataDir, 'compile-cache'),
    publicUrl: `http://localhost:${ports[GATEWAY]}`,
    graphiqlDir: options.graphiqlDir,
    extra: options.env ?? {},
  };
  const processes: Record<string, ServiceProcess> = {};
  cleanups.push(async () => {
    // The gateway first: it finishes what it has in hand while the subgraphs still answer.
    await processes[GATEWAY]?.stop({ patience: 500 });
    await Promise.all(Object.values(processes).map((service) => service.stop({ patience: 600 })));
  });
  for (const name of Object.keys(ports)) {
    const log = await openServiceLog(logDir, { name });
    cleanups.splice(-1, 0, () => log.close());
    signal?.throwIfAborted();
    processes[name] = superviseService({
      name,
      script: path.join(root, name === GATEWAY ? GATEWAY : path.join('subgraphs', name), 'dist', 'main.js'),
      cwd: root,
      env: name === GATEWAY ? gatewayEnvironment(environment) : subgraphEnvironment(name, environment),
      port: ports[name] ?? 0,
      log,
      restart: options.restart ?? true,
      onEvent: (event) => onEvent?.(event),
    });
  }
  await unlessAborted(Promise.all(Object.values(processes).map((service) => service.whenReady())), { signal });
  return toPlatform({ ports, databaseUrls, secrets, dataDir, logDir, processes, postgres, stop });
}

function toPlatform({
  ports,
  databaseUrls,
  secrets,
  dataDir,
  logDir,
  processes,
  postgres,
  stop,
}: {
  readonly ports: Readonly<Record<string, number>>;
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly dataDir: string;
  readonly logDir: string;
  readonly processes: Readonly<Record<string, ServiceProcess>>;
  readonly postgres: PostgresSource;
  readonly stop: () => Promise<void>;
}): Platform {
  function service(name: string): ServiceProcess {
    const found = processes[name];
    if (found === undefined) throw new Error(`no service "${name}": there are ${Object.keys(processes).join(', ')}`);
    return found;
  }
  const embedded = postgres.embedded !== null;
  return {
    url: `http://127.0.0.1:${ports[GATEWAY]}/graphql`,
    wsUrl: `ws://127.0.0.1:${ports[GATEWAY]}/graphql`,
    ports: { ...ports, ...(postgres.embedded === null ? {} : { postgres: postgres.embedded.port }) },
    databaseUrls: { ...databaseUrls, admin: postgres.adminUrl },
    contextSecret: secrets.contextSecret,
    dataDir,
    logDir,
    processes,
    embeddedPostgres: embedded,
    whenReady: async (name) => (name === 'postgres' && embedded ? postgres.whenReady() : service(name).whenReady()),
    kill: async (name, signal = 'SIGKILL') =>
      name === 'postgres' && embedded ? postgres.kill(signal) : service(name).kill(signal),
    restart: async (name, changes) => service(name).restart(changes),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function openDataDir(
  { dataDir, mode, root = CHECKOUT }: PlatformOptions,
  { cleanups }: Pick<Assembly, 'cleanups'>,
): Promise<string> {
  // Root's Postgres runs as another account, which must get through.
  const rights = process.getuid?.() === 0 ? 0o711 : 0o700;
  const temporary = dataDir === undefined && mode === 'test';
  const folder = temporary
    ? await mkdtemp(path.join(os.tmpdir(), 'orion-test-'))
    : (dataDir ?? path.join(root, '.orion'));
  if (temporary) {
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, rights);
    return folder;
  }
  await makeDataFolder(folder, { mode: rights });
  return folder;
}

/** A folder that exists may still refuse to be written: better told here than by the first log file. */
async function makeDataFolder(folder: string, { mode }: { readonly mode: number }): Promise<void> {
  try {
    await makeFolder(folder, { mode });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw folderProblem(error, { folder });
  }
}

function serverUrl({ postgresUrl, mode }: PlatformOptions): string | undefined {
  const { DATABASE_URL, ORION_TEST_POSTGRES_URL } = process.env;
  return postgresUrl ?? (mode === 'test' ? ORION_TEST_POSTGRES_URL : undefined) ?? DATABASE_URL;
}

function pick(record: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, record[key] ?? '']));
}

async function unlessAborted(
  work: Promise<unknown>,
  { signal }: { readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (signal === undefined) return void (await work);
  const finished = new AbortController();
  // When the wait is given up, the services reject as they are stopped: nobody listens to that any more.
  work.catch(() => finished.signal.aborted);
  await Promise.race([work, once(signal, 'abort', { signal: finished.signal }).catch(() => null)]);
  finished.abort();
  signal.throwIfAborted();
}

/** Last in, first out; a failing one does not keep the others from running. */
async function runAll(cleanups: Cleanup[]): Promise<void> {
  const failures: unknown[] = [];
  for (let next = cleanups.pop(); next !== undefined; next = cleanups.pop()) {
    await next().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `not everything stopped in order: ${failures.map(errorText).join('; ')}`);
}
