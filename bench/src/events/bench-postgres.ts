import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orion/tools/embedded-postgres';
import pg from 'pg';

/** The server of the measurements: as `npm start` runs it, flushing to disk. */
export interface BenchPostgres {
  /** What a figure depends on, for the report. */
  readonly description: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Makes an empty database; returns its URL. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a durable server of its own in a temporary folder, and lets `startTestSubgraph` make its databases there.
 */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orion-bench-postgres-'));
  const server = await startEmbeddedPostgres({ dataDir, port: 0, removeAfter: true });
  process.env['ORION_TEST_POSTGRES_URL'] = server.adminUrl;
  const admin = new pg.Client({ connectionString: server.adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ version: string; fsync: string; commit: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS commit`,
  );
  const [settings] = rows;
  return {
    description: `embedded PostgreSQL ${settings?.version}, fsync ${settings?.fsync}, synchronous_commit ${settings?.commit}`,
    pid: server.pid,
    async createDatabase(name) {
      await admin.query(`CREATE DATABASE ${name}`);
      const url = new URL(server.adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      await admin.end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
