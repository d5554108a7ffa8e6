import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '@orion/tools/embedded-postgres';
import pg from 'pg';
import { signal, signalTree } from './signals.js';

const run = promisify(execFile);

/** A Postgres server that flushes to disk and may be treated badly. */
export interface PostgresServer {
  readonly port: number;
  /** Of the superuser, on the database `postgres`. */
  readonly adminUrl: string;
  /** Superuser URL of a new, empty database. */
  createDatabase(name: string): Promise<string>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it at once, as `pg_ctl stop -m immediate` (SIGQUIT) does; the data stay. */
  crash(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Copies the data while the server runs (https://www.postgresql.org/docs/18/continuous-archiving.html, low-level base backup). */
  backUp(): Promise<void>;
  /** Ends the server, puts the copy in place of the data and starts it: what was committed since the backup is lost. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server on a new temporary folder. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'orion-faults-'));
  // The account that the server runs under has to get through.
  await chmod(folder, 0o711);
  const options = { dataDir: join(folder, 'postgres'), settings: { max_connections: 300, log_min_messages: 'log' } };
  let server = await startEmbeddedPostgres({ ...options, port: 0 });
  const { adminUrl, port } = server;
  const data = join(server.dataDir, 'data');
  const backup = join(server.dataDir, 'backup');

  async function crash(): Promise<void> {
    signal(server.pid, 'SIGQUIT');
    await server.ended;
  }
  async function start(): Promise<void> {
    server = await startEmbeddedPostgres({ ...options, port });
    if (server.port !== port) throw new Error(`Postgres came back on port ${server.port}, not ${port}`);
  }

  return {
    port,
    adminUrl,
    crash,
    start,
    freeze: () => signalTree(server.pid, 'SIGSTOP'),
    thaw: () => signalTree(server.pid, 'SIGCONT'),
    async createDatabase(name) {
      await withClient(adminUrl, (client) => client.query(`CREATE DATABASE ${name}`));
      return Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
    },
    async backUp() {
      await rm(backup, { recursive: true, force: true });
      await withClient(adminUrl, async (client) => {
        await client.query(`SELECT pg_backup_start('faults', true)`);
        // Status 1: a file went away meanwhile, which a base backup has to bear.
        await run('cp', ['-a', data, backup]).catch((error: { code?: number }) => {
          if (error.code !== 1) throw error;
        });
        const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
        await rm(join(backup, 'pg_wal'), { recursive: true });
        await run('cp', ['-a', join(data, 'pg_wal'), backup]);
        await rm(join(backup, 'postmaster.pid'));
        const label = join(backup, 'backup_label');
        await writeFile(label, rows[0]?.labelfile ?? '');
        // The server writes to it, under the account that owns the data.
        const { uid, gid } = await stat(data);
        await chown(label, uid, gid);
      });
    },
    async restore() {
      await readFile(join(backup, 'backup_label'));
      await crash();
      await rm(data, { recursive: true });
      await run('mv', [backup, data]);
      await start();
    },
    async close() {
      await signalTree(server.pid, 'SIGCONT');
      await server.stop();
      await rm(server.dataDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `work` with a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away is what happens here; whoever waits for an answer learns it from the query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Rows of one statement, on a connection of its own. */
export function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(sql, [...values])).rows);
}
