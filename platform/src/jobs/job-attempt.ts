import type { DataSource, EntityManager } from 'typeorm';
import { backoffDelay } from '../pacing/index.js';
import { runCausedBy } from '../events/causation.js';
import { describeError } from '../events/consuming/parked-events.js';
import { describeIssues } from '../events/publishing/pending-event.js';
import type { ClaimedJob } from './claimed-job.js';
import type { JobAbort } from './job-abort.js';
import { JobLostError, JobTimeoutError, PermanentJobError, WorkerStoppedError } from './job-errors.js';
import type { Job, JobKind } from './job.js';
import type { JobRecorder } from './job-record.js';
import { clientOf } from './pooled-client.js';
import { finishJobs } from './settlement.js';
import type { Ending } from './settlement.js';

/** After its signal was aborted, a handler has so long to end by itself. What it does later is on its own. */
const ABORT_GRACE_MS = 1_000;

/** What a handler is given besides the job. */
export interface JobContext {
  /** Aborted when the job is cancelled, times out, is lost to others, or the worker stops and loses patience. */
  readonly signal: AbortSignal;
  /**
   * Renews the lease now, beyond what the worker does by itself. Rejects with JobLostError when the job is no longer
   * this worker's: ask before what cannot be taken back.
   */
  readonly heartbeat: () => Promise<void>;
  /** Notes how far it is, for whoever looks (`readJob`). Any JSON; it is gone when the job is done. */
  readonly progress: (value: unknown) => Promise<void>;
}

/** Work outside of the database. It runs at least once: again, when the process dies before its end is noted. */
export type JobHandler<TData, TResult = unknown> = (job: Job<TData>, context: JobContext) => Promise<TResult>;

/**
 * Work inside the database, through `manager`: the transaction that also deletes the job. Its effects happen exactly
 * once, and not at all when it rejects or the job was lost meanwhile.
 */
export type TransactionalJobHandler<TData> = (
  job: Job<TData>,
  manager: EntityManager,
  context: JobContext,
) => Promise<unknown>;

/** A kind of job and what does it. */
export interface Registration {
  readonly kind: JobKind;
  readonly limit: number | null;
  readonly handler:
    | {
        readonly manner: 'plain';
        readonly run: JobHandler<unknown>;
        readonly record: JobRecorder<unknown, unknown> | undefined;
      }
    | { readonly manner: 'transactional'; readonly run: TransactionalJobHandler<unknown> };
}

/** How an attempt ended; `settled`: this is recorded already. `null`: the job is somebody else's now. */
export type AttemptResult = {
  readonly ending: Ending;
  readonly settled: boolean;
  /** What the handler resolved or rejected with. */
  readonly result?: unknown;
  readonly error?: unknown;
} | null;

/** Runs one attempt of a job. Never rejects. */
export async function attemptJob(
  job: ClaimedJob,
  { kind, handler }: Registration,
  options: {
    readonly dataSource: DataSource;
    readonly abort: JobAbort;
    readonly context: JobContext;
  },
): Promise<AttemptResult> {
  const { dataSource, abort, context } = options;
  // The last attempt had its chance, and the process that made it died.
  if (job.attempt > kind.retry.maxAttempts)
    return { ending: { outcome: 'dead', error: 'the last attempt was not finished' }, settled: false };
  const timer = setTimeout(
    () => abort.abort(new JobTimeoutError(`took longer than ${kind.timeoutMs} ms`)),
    kind.timeoutMs,
  );
  const work = async (): Promise<unknown> => {
    const parsed = kind.schema.safeParse(job.data);
    if (!parsed.success)
      throw new Error(`data is not as ${kind.name} says: ${describeIssues(parsed.error).join('; ')}`);
    const seen: Job = { ...job, data: parsed.data };
    if (handler.manner === 'plain') return abort.endOf(handler.run(seen, context), ABORT_GRACE_MS);
    return dataSource.transaction(async (manager) => {
      await abort.endOf(handler.run(seen, manager, context), ABORT_GRACE_MS);
      const held = await finishJobs(await clientOf(manager), [job]);
      if (held.length === 0) throw new JobLostError('the job was cancelled, or others run it');
    });
  };
  try {
    const result = await (job.cause === null ? work() : runCausedBy(job.cause, work));
    return { ending: { outcome: 'done' }, settled: handler.manner === 'transactional', result };
  } catch (error) {
    return judge(job, kind, abort.reason ?? error);
  } finally {
    clearTimeout(timer);
  }
}

function judge(job: ClaimedJob, { retry }: JobKind, error: unknown): AttemptResult {
  if (error instanceof JobLostError) return null;
  if (error instanceof WorkerStoppedError) return { ending: { outcome: 'released' }, settled: false };
  const description = describeError(error);
  const isOver = error instanceof PermanentJobError || job.attempt >= retry.maxAttempts;
  const ending: Ending = isOver
    ? { outcome: 'dead', error: description }
    : { outcome: 'retry', error: description, delayMs: backoffDelay(job.attempt, retry) };
  return { ending, settled: false, error };
}
