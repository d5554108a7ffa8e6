import { DataSource } from 'typeorm';
import { z } from 'zod';
import { EVENT_TABLES_V1 } from '../events/event-tables.js';
import { createLogger } from '../log/index.js';
import { eventually } from '../testing/eventually.js';
import { createTestDatabase } from '../testing/test-database.js';
import { enqueue } from './enqueue.js';
import { JOB_TABLES_V1 } from './job-tables.js';
import { createJobWorker } from './job-worker.js';
import type { JobWorker, JobWorkerOptions } from './job-worker.js';
import { defineJob } from './job.js';
import type { PendingJob } from './job.js';

/** No log lines in tests. */
export const silent = createLogger('test', { level: 'silent' });

/** A kind of the tests: impatient, and with data that tells one job from another. */
export const numbered = defineJob({
  name: 'test.numbered',
  schema: z.object({ n: z.number().int() }),
  retry: { maxAttempts: 3, baseMs: 10, capMs: 40 },
});

/** The same kind for workers that are to lose their jobs soon. On a busy machine they lose some that they run, too. */
export const soonLost = { ...numbered, leaseMs: 600 };

/** Effects of jobs, with no unique key on purpose: it shows what was doubled. */
const LEDGER =
  'CREATE TABLE effects (seq bigserial PRIMARY KEY, n int NOT NULL, attempt int NOT NULL, pid int NOT NULL)';

/** A row of the ledger. */
export interface Effect {
  readonly n: number;
  readonly attempt: number;
  readonly pid: number;
}

/** A service database for one test file. */
export interface JobTestBed {
  readonly databaseUrl: string;
  readonly dataSource: DataSource;
  /** Enqueues in a transaction of its own. */
  add(...jobs: readonly PendingJob[]): Promise<readonly (string | null)[]>;
  /** A worker that is stopped with the bed; start it yourself. */
  worker(options?: Partial<JobWorkerOptions>): JobWorker;
  effects(): Promise<readonly Effect[]>;
  /** How many jobs wait or run. */
  depth(): Promise<number>;
  /** Resolves when none does. */
  drained(): Promise<unknown>;
  /** Forgets all jobs and effects, and stops the workers. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a pool on a database that has the tables. */
export function openDataSource(url: string, applicationName = 'test-service'): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, applicationName }).initialize();
}

/** Creates the database, with event tables, job tables and a ledger. */
export async function openJobTestBed(): Promise<JobTestBed> {
  const database = await createTestDatabase();
  const dataSource = await openDataSource(database.url);
  await dataSource.query(`${EVENT_TABLES_V1}; ${JOB_TABLES_V1}; ${LEDGER}`);
  const workers: JobWorker[] = [];
  const stopWorkers = async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  };
  const depth = async () => {
    const [{ count }]: [{ count: number }] = await dataSource.query('SELECT count(*)::int AS count FROM jobs');
    return count;
  };
  return {
    databaseUrl: database.url,
    dataSource,
    add: (...jobs) => dataSource.transaction((manager) => enqueue(manager, jobs)),
    worker(options) {
      const worker = createJobWorker({
        service: 'test',
        dataSource,
        databaseUrl: database.url,
        logger: silent,
        patienceMs: 200,
        ...options,
      });
      workers.push(worker);
      return worker;
    },
    effects: () => dataSource.query('SELECT n, attempt, pid FROM effects ORDER BY seq'),
    depth,
    drained: () => eventually(async () => (await depth()) === 0, { within: 20_000 }),
    async clear() {
      await stopWorkers();
      await dataSource.query(
        'TRUNCATE jobs, dead_jobs, paused_jobs, job_schedules, job_rates, effects, outbox RESTART IDENTITY',
      );
    },
    async close() {
      await stopWorkers();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

/** 0 to `length - 1`. */
export const range = (length: number): number[] => Array.from({ length }, (_, n) => n);

/** A promise to be resolved by hand. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
