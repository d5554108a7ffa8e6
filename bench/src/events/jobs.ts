import { createJobWorker, defineJob, enqueue, JOB_TABLES_V1 } from '@orion/platform/jobs';
import { createLogger } from '@orion/platform/log';
import { Logger as GraphileLogger, makeWorkerUtils, run as runGraphile } from 'graphile-worker';
import PgBoss from 'pg-boss';
import { z } from 'zod';
import { openBenchDatabase } from './bench-database.js';
import type { BenchPostgres } from './bench-postgres.js';
import type { BenchSetting } from './bench-setting.js';
import { compare } from './compare.js';
import type { Comparison, Side } from './compare.js';

const JOBS = 20_000;
const BATCH = 500;
const CONCURRENCY = 500;
const PG_BOSS_WORKERS = 4;
const silence = new GraphileLogger(() => () => undefined);

/** Jobs that do nothing: enqueued 500 at a time before the clock starts, then drained by a worker that starts with it. */
export async function measureJobs({ postgres, rounds }: BenchSetting): Promise<readonly Comparison[]> {
  const ours = await orionSide(postgres);
  const graphile = await graphileSide(postgres);
  const boss = await pgBossSide(postgres);
  try {
    return await compare({
      rounds,
      what: 'jobs that do nothing',
      unit: 'jobs',
      ours,
      opponents: [
        { ...graphile, goal: 1 },
        { ...boss, goal: 4 },
      ],
    });
  } finally {
    await ours.close();
  }
}

/** Counts what handlers were called with, and tells when it was all of it. */
function countdown(total: number): { readonly over: Promise<void>; readonly took: (jobs?: number) => void } {
  let left = total;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  return {
    over,
    took(jobs = 1) {
      left -= jobs;
      if (left <= 0) end();
    },
  };
}

/** Jobs a second from the start of a worker until it has called its handler for the last of them. */
async function drain(start: (took: (jobs?: number) => void) => Promise<() => Promise<unknown>>): Promise<number> {
  const { over, took } = countdown(JOBS);
  const begun = performance.now();
  const stop = await start(took);
  await over;
  const rate = (JOBS * 1_000) / (performance.now() - begun);
  await stop();
  return rate;
}

async function orionSide(postgres: BenchPostgres): Promise<Side & { close(): Promise<void> }> {
  const { dataSource, url, close } = await openBenchDatabase(postgres, { name: 'jobs', tables: JOB_TABLES_V1 });
  const logger = createLogger('bench', { level: 'warn' });
  const idle = defineJob({ name: 'bench.idle', schema: z.object({ n: z.number() }) });
  return {
    name: 'ORION',
    async run() {
      for (let n = 0; n < JOBS; n += BATCH) {
        const jobs = Array.from({ length: BATCH }, (_, index) => idle.of({ n: n + index }));
        await dataSource.transaction((manager) => enqueue(manager, jobs));
      }
      return drain(async (took) => {
        const worker = createJobWorker({
          service: 'bench',
          dataSource,
          databaseUrl: url,
          logger,
          concurrency: CONCURRENCY,
        });
        worker.handle(idle, () => {
          took();
          return Promise.resolve();
        });
        await worker.start();
        return () => worker.stop();
      });
    },
    close,
  };
}

/** With what its documentation recommends for many small jobs: a local queue, and completions in batches. */
async function graphileSide(postgres: BenchPostgres): Promise<Side> {
  const connectionString = await postgres.createDatabase('graphile');
  const utils = await makeWorkerUtils({ connectionString, logger: silence });
  await utils.migrate();
  await utils.release();
  return {
    name: 'graphile-worker 0.17.3, localQueue 500, concurrency 24',
    async run() {
      const adding = await makeWorkerUtils({ connectionString, logger: silence });
      for (let n = 0; n < JOBS; n += BATCH) {
        const jobs = Array.from({ length: BATCH }, (_, index) => ({ identifier: 'idle', payload: { n: n + index } }));
        await adding.addJobs(jobs);
      }
      await adding.release();
      return drain(async (took) => {
        const runner = await runGraphile({
          connectionString,
          logger: silence,
          concurrency: 24,
          noHandleSignals: true,
          preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
          taskList: { idle: () => took() },
        });
        return () => runner.stop();
      });
    },
  };
}

async function pgBossSide(postgres: BenchPostgres): Promise<Side> {
  const connectionString = await postgres.createDatabase('pgboss');
  const queue = 'idle';
  const open = async () => {
    const boss = new PgBoss({ connectionString, supervise: false, schedule: false });
    await boss.start();
    await boss.createQueue(queue);
    return boss;
  };
  return {
    name: `pg-boss 10.4.2, batchSize 500, ${PG_BOSS_WORKERS} workers`,
    async run() {
      const boss = await open();
      for (let n = 0; n < JOBS; n += BATCH) {
        await boss.insert(Array.from({ length: BATCH }, (_, index) => ({ name: queue, data: { n: n + index } })));
      }
      return drain(async (took) => {
        for (let worker = 0; worker < PG_BOSS_WORKERS; worker += 1) {
          await boss.work(queue, { batchSize: 500, pollingIntervalSeconds: 0.5 }, (jobs) => {
            took(jobs.length);
            return Promise.resolve();
          });
        }
        return () => boss.stop({ graceful: true, wait: true });
      });
    },
  };
}
