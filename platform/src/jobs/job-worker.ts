import type { DataSource } from 'typeorm';
import { backoffDelay } from '../pacing/index.js';
import { createWakeUp } from '../pacing/index.js';
import { createConditionLog } from '../log/index.js';
import type { Logger } from '../log/index.js';
import type { Metrics } from '../metrics/index.js';
import type { ClaimedJob } from './claimed-job.js';
import type { AttemptResult, JobHandler, Registration, TransactionalJobHandler } from './job-attempt.js';
import { observeJobs } from './job-metrics.js';
import { startJobRates } from './job-rates.js';
import type { JobCount } from './job-rates.js';
import type { JobRecorder } from './job-record.js';
import { FEWEST_SLOTS } from './job-slots.js';
import type { JobKind } from './job.js';
import { runJobs } from './run-jobs.js';
import { checkSchedule } from './schedule.js';
import type { CheckedSchedule, Schedule } from './schedule.js';
import { createScheduler } from './scheduler.js';

const CONCURRENCY = 200;
/** Each of them takes a connection of the pool that requests use as well. */
const TRANSACTIONS_AT_ONCE = 4;
const PATIENCE_MS = 5_000;
const RETRY = { baseMs: 200, capMs: 10_000 };

/** The jobs of one service in one process: what it can do, and when. */
export interface JobWorker {
  /**
   * Work outside of the database, at least once; `record` writes down what came of it, in the transaction that ends the
   * job. Before `start`.
   */
  handle<TData, TResult>(
    kind: JobKind<TData>,
    run: JobHandler<TData, TResult>,
    options?: { readonly record?: JobRecorder<TData, TResult> },
  ): void;
  /** Work inside the database, its effects exactly once. Before `start`. */
  handleInTransaction<TData>(kind: JobKind<TData>, run: TransactionalJobHandler<TData>): void;
  /** Makes jobs at times of the calendar; one process of several does. Before `start`. Throws when it is unusable. */
  schedule(schedule: Schedule): void;
  /** Begins to work; with neither handler nor schedule it does nothing. A database that is down does not keep it from it. */
  start(): Promise<void>;
  /** Takes no more jobs; those in hand finish, or are aborted after the patience and run elsewhere. */
  stop(): Promise<void>;
  /** What ended in this process since `start`. */
  counts(): readonly JobCount[];
}

/** What a worker is made from. */
export interface JobWorkerOptions {
  /** Name of the service, in death notices and pg_stat_activity. */
  readonly service: string;
  /** Database of the service, with the tables of JOB_TABLES_V1 and the event tables. */
  readonly dataSource: DataSource;
  /** The database of `dataSource`, for the connection that listens and keeps leases. */
  readonly databaseUrl: string;
  readonly logger: Logger;
  /** Jobs at once, at least 4, default 200. A tenth of them is reserved for each priority. */
  readonly concurrency?: number | undefined;
  /** How long `stop` lets jobs finish, in milliseconds; default 5,000. */
  readonly patienceMs?: number | undefined;
  readonly metrics?: Metrics | undefined;
}

/** One worker a process and database. Throws when the concurrency leaves a priority without a slot. */
export function createJobWorker(options: JobWorkerOptions): JobWorker {
  const { dataSource, logger, concurrency = CONCURRENCY, patienceMs = PATIENCE_MS } = options;
  if (!(concurrency >= FEWEST_SLOTS))
    throw new Error(
      `concurrency of a job worker is at least ${FEWEST_SLOTS}; to run few jobs of a kind, limit the kind`,
    );
  const registrations = new Map<string, Registration>();
  const schedules: CheckedSchedule[] = [];
  let stop: (() => Promise<void>) | undefined;
  let counts: () => readonly JobCount[] = () => [];

  function register(registration: Registration): void {
    if (stop !== undefined) throw new Error('handlers and schedules are registered before the worker starts');
    const { name } = registration.kind;
    if (registrations.has(name)) throw new Error(`two handlers of job ${name}`);
    registrations.set(name, registration);
  }

  function begin(): () => Promise<void> {
    const rates = startJobRates(dataSource, logger);
    const metrics = options.metrics && observeJobs(options.metrics, dataSource);
    const calendar = startCalendar(dataSource, schedules, logger);
    counts = rates.totals;
    const jobs = runJobs({
      ...options,
      concurrency,
      registrations,
      onNews: calendar.wake,
      onEnd(job, result, seconds) {
        metrics?.took(job.name, seconds);
        logEnd(logger, job, result);
        const outcome = result && outcomeOf(result);
        if (outcome === null) return;
        rates.count(job.name, job.priority, outcome);
        metrics?.ended(job.name, job.priority, outcome);
      },
    });
    return async () => {
      await calendar.stop();
      await jobs.stop(patienceMs);
      metrics?.stop();
      await rates.stop();
    };
  }

  return {
    handle(kind, run, { record } = {}) {
      const handler = {
        manner: 'plain',
        run: run as JobHandler<unknown>,
        record: record as JobRecorder<unknown, unknown> | undefined,
      } as const;
      register({ kind, limit: kind.concurrency, handler });
    },
    handleInTransaction(kind, run) {
      const handler = { manner: 'transactional', run: run as TransactionalJobHandler<unknown> } as const;
      register({ kind, limit: kind.concurrency ?? TRANSACTIONS_AT_ONCE, handler });
    },
    schedule(schedule) {
      if (stop !== undefined) throw new Error('handlers and schedules are registered before the worker starts');
      if (schedules.some(({ name }) => name === schedule.name)) throw new Error(`two schedules ${schedule.name}`);
      schedules.push(checkSchedule(schedule));
    },
    start() {
      if (stop === undefined && registrations.size + schedules.length > 0) stop = begin();
      return Promise.resolve();
    },
    async stop() {
      await stop?.();
    },
    counts: () => counts(),
  };
}

/** Stores the schedules and fires them, until it is stopped. */
function startCalendar(
  dataSource: DataSource,
  schedules: readonly CheckedSchedule[],
  logger: Logger,
): { wake(): void; stop(): Promise<void> } {
  if (schedules.length === 0) return { wake: () => undefined, stop: () => Promise.resolve() };
  const scheduler = createScheduler({ dataSource, schedules, logger });
  const condition = createConditionLog(logger, 'scheduler of jobs');
  const work = createWakeUp();
  let isStopped = false;

  async function run(): Promise<void> {
    for (let failures = 0, isStored = false; !isStopped;) {
      let wait: number;
      try {
        if (!isStored) await scheduler.store();
        isStored = true;
        wait = await scheduler.turn();
        condition.works();
        failures = 0;
      } catch (error) {
        failures += 1;
        condition.fails(error);
        wait = backoffDelay(failures, RETRY);
      }
      if (wait > 0) await work.sleep(Math.ceil(wait));
    }
  }

  const running = run();
  return {
    wake: work.wake,
    async stop() {
      isStopped = true;
      work.wake();
      await running;
    },
  };
}

function outcomeOf({ ending }: NonNullable<AttemptResult>): 'done' | 'retried' | 'dead' | null {
  if (ending.outcome === 'released') return null;
  return ending.outcome === 'retry' ? 'retried' : ending.outcome;
}

function logEnd(logger: Logger, job: ClaimedJob, result: AttemptResult): void {
  const details = { jobId: job.id, job: job.name, attempt: job.attempt };
  if (result === null) return logger.warn(details, 'job was cancelled or lost to others');
  const { ending, error } = result;
  if (ending.outcome === 'retry') logger.warn({ ...details, err: error, delayMs: ending.delayMs }, 'job failed');
  if (ending.outcome === 'dead') logger.error({ ...details, err: error, reason: ending.error }, 'job is dead');
  if (ending.outcome === 'released') logger.info(details, 'job goes back: the worker stops');
}
