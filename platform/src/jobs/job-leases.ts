import type { DataSource } from 'typeorm';
import type { Queryable } from '../database/index.js';
import { createConditionLog } from '../log/index.js';
import type { Logger } from '../log/index.js';
import type { ClaimedJob } from './claimed-job.js';
import type { JobAbort } from './job-abort.js';
import { JobLostError } from './job-errors.js';
import { withClient } from './pooled-client.js';

/** A lease is renewed when so much of it has passed. */
const RENEW_AT = 1 / 3;

/** A job in the hands of this process. */
export interface HeldJob {
  readonly job: ClaimedJob;
  readonly leaseMs: number;
  readonly abort: JobAbort;
  /** `performance.now()` of the claim or the latest renewal. */
  renewedAt: number;
}

/** Keeps the leases of one worker. */
export interface JobLeases {
  readonly held: ReadonlySet<HeldJob>;
  /** Claimed now. */
  add(job: ClaimedJob, options: { readonly leaseMs: number; readonly abort: JobAbort }): HeldJob;
  remove(held: HeldJob): void;
  /** Renews one now; rejects with JobLostError when it is gone, and with what the database says when it cannot. */
  renew(held: HeldJob): Promise<void>;
  /** Looks at all of them now: somebody may have cancelled one. */
  check(): void;
  /** Resolves when nothing is asked any more. */
  stop(): Promise<void>;
}

/**
 * Renews what is held for longer than a third of its lease, with one statement for all, and aborts what is lost.
 * `connection` is one that no handler can use up; the pool is used while there is none.
 */
export function startJobLeases(options: {
  readonly dataSource: DataSource;
  readonly connection: () => Queryable | undefined;
  readonly shortestLeaseMs: number;
  readonly logger: Logger;
}): JobLeases {
  const { dataSource } = options;
  const held = new Set<HeldJob>();
  const condition = createConditionLog(options.logger, 'renewal of job leases');
  let running: Promise<void> = Promise.resolve();

  async function renewAll(jobs: readonly HeldJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const startedAt = performance.now();
    const ask = (client: Queryable) => renewLeases(client, jobs);
    const connection = options.connection();
    const kept = await (connection === undefined ? withClient(dataSource, ask) : ask(connection));
    for (const one of jobs) {
      if (kept.has(one.job.id)) one.renewedAt = startedAt;
      else one.abort.abort(new JobLostError('the job was cancelled, or others run it'));
    }
  }

  async function tick(isForced: boolean): Promise<void> {
    const now = performance.now();
    const due = [...held].filter(
      ({ renewedAt, leaseMs, abort }) =>
        abort.reason === undefined && (isForced || now - renewedAt >= leaseMs * RENEW_AT),
    );
    try {
      await renewAll(due);
      condition.works();
    } catch (error) {
      condition.fails(error);
    }
  }

  // One at a time: a database that does not answer is not asked again and again.
  const look = (isForced: boolean): void => {
    running = running.then(() => tick(isForced));
  };
  let isBusy = false;
  const timer = setInterval(
    () => {
      if (isBusy) return;
      isBusy = true;
      look(false);
      void running.finally(() => (isBusy = false));
    },
    (options.shortestLeaseMs * RENEW_AT) / 2,
  );

  return {
    held,
    add(job, { leaseMs, abort }) {
      const one = { job, leaseMs, abort, renewedAt: performance.now() };
      held.add(one);
      return one;
    },
    remove: (one) => held.delete(one),
    async renew(one) {
      await renewAll([one]);
      if (one.abort.reason !== undefined) throw one.abort.reason;
    },
    check: () => look(true),
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function renewLeases(client: Queryable, jobs: readonly HeldJob[]): Promise<ReadonlySet<string>> {
  const ordered = jobs.toSorted(({ job: one }, { job: other }) => (one.id < other.id ? -1 : 1));
  const { rows } = await client.query<{ id: string }>({
    name: 'orion-jobs-renew',
    text: 'SELECT renew_jobs_v1($1, $2, $3) AS id',
    values: [
      ordered.map(({ job }) => job.id),
      ordered.map(({ job }) => job.token),
      ordered.map(({ leaseMs }) => leaseMs),
    ],
  });
  return new Set(rows.map(({ id }) => id));
}
