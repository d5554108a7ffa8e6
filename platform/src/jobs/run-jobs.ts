import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { backoffDelay, createWakeUp } from '../pacing/index.js';
import { createGroupCommit, keepConnected } from '../database/index.js';
import type { DedicatedConnection } from '../database/index.js';
import { createConditionLog } from '../log/index.js';
import type { Logger } from '../log/index.js';
import { AttemptContext } from './attempt-context.js';
import { claimJobs, leftBy, readNextDue } from './claimed-job.js';
import type { Claim, ClaimedJob } from './claimed-job.js';
import { JOBS_CHANNEL } from './enqueue.js';
import { attemptJob } from './job-attempt.js';
import type { AttemptResult, Registration } from './job-attempt.js';
import { JobAbort } from './job-abort.js';
import { JobLostError, WorkerStoppedError } from './job-errors.js';
import { startJobLeases } from './job-leases.js';
import type { HeldJob } from './job-leases.js';
import { createJobSlots } from './job-slots.js';
import { attachLocalWorker } from './local-worker.js';
import { withClient } from './pooled-client.js';
import { settleJobs } from './settlement.js';
import type { Settlement } from './settlement.js';

/** Wake-ups and the time of the next job come before it; this finds what a lost wake-up or a dead process left behind. */
const POLL_MS = 1_000;
/** Something is due, and others have it in their hands or no slot may take it. */
const ALL_CLAIMED_MS = 100;
/** Slots that come free within so long are filled by one claim. */
const GATHER_MS = 100;
/** Ends that have something to record and come within so long are one transaction, while other jobs are at work. */
const SETTLE_MS = 40;
/** A NOTIFY makes commits take turns: not with every transaction while this worker has its hands full. */
const TELL_OTHERS_MS = 100;
const RETRY = { baseMs: 100, capMs: 5_000 };

/** The part of a worker that runs, from start to stop. */
export interface RunningJobs {
  /** Takes no more jobs, lets those in hand finish, then aborts them and gives back what does not end. */
  stop(patienceMs: number): Promise<void>;
}

/** What the running part is made from. */
export interface RunJobsOptions {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly registrations: ReadonlyMap<string, Registration>;
  readonly concurrency: number;
  readonly logger: Logger;
  /** Called when jobs came, were cancelled, or one of a schedule ended. */
  readonly onNews: () => void;
  /** Called with every attempt that ended, and how long it took in seconds. */
  readonly onEnd: (job: ClaimedJob, result: AttemptResult, seconds: number) => void;
}

/** Starts to claim and to run jobs. A database that is away is logged once and tried again. */
export function runJobs(options: RunJobsOptions): RunningJobs {
  const { service, dataSource, registrations, concurrency, logger } = options;
  const condition = createConditionLog(logger, 'job worker');
  const slots = createJobSlots(concurrency, new Map([...registrations].map(([name, { limit }]) => [name, limit])));
  const work = createWakeUp();
  const stopping = new AbortController();
  // Every job whose end cannot be recorded waits with it.
  setMaxListeners(0, stopping.signal);
  // Rejects when stopped: then there is nothing to wait for any more.
  const pause = (ms: number) => wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const ends = new Set<Promise<void>>();
  const settle = createGroupCommit<Settlement>((all) => settleJobs(dataSource, service, all).then(() => undefined));
  /** Kinds of which the latest claim may have left some; null: any. The others have nothing due until there is news. */
  let unfinished: ReadonlySet<string> | null = null;
  let turnOfKinds = 0;
  let gathering: NodeJS.Timeout | undefined;
  let endings: Promise<void> | undefined;
  const together = createWakeUp();
  let toldOthersAt = -TELL_OTHERS_MS;
  const connection: DedicatedConnection = keepConnected({
    url: options.databaseUrl,
    name: `orion-${service}-jobs`,
    channel: JOBS_CHANNEL,
    logger,
    onNotify: (payload) => {
      if (payload === 'cancelled') leases.check();
      work.wake();
      options.onNews();
    },
    onChange: () => {
      // What was told while there was no connection is lost.
      leases.check();
      work.wake();
      options.onNews();
    },
  });
  const leases = startJobLeases({
    dataSource,
    connection: connection.current,
    shortestLeaseMs: Math.min(...[...registrations.values()].map(({ kind }) => kind.leaseMs), 60_000),
    logger,
  });
  const detach = attachLocalWorker(dataSource, {
    needsOthersFor(name) {
      if (!registrations.has(name) || stopping.signal.aborted) return true;
      if (slots.freeOf(name) > 0 && slots.taken() < concurrency) return false;
      if (performance.now() - toldOthersAt < TELL_OTHERS_MS) return false;
      toldOthersAt = performance.now();
      return true;
    },
    wake: () => {
      work.wake();
      options.onNews();
    },
  });

  /** Undefined when there is no slot, or too much that has ended is not written down yet. */
  function nextClaim(): Claim | undefined {
    if (ends.size >= 2 * concurrency) return undefined;
    const limits = slots.limits();
    if (limits.shared === 0 && limits.reserved.every((free) => free === 0)) return undefined;
    const open = [...registrations.values()]
      .map(({ kind }) => ({ name: kind.name, leaseMs: kind.leaseMs, free: slots.freeOf(kind.name) }))
      .filter(({ free }) => free > 0);
    if (open.length === 0) return undefined;
    // Each kind is the first in turn, so that none with a long queue holds up the others.
    turnOfKinds += 1;
    const first = turnOfKinds % open.length;
    return { kinds: [...open.slice(first), ...open.slice(0, first)], ...limits };
  }

  /** A claim costs the same for one job as for many: while most slots of the kind are at work, a few are gathered. */
  function freed(registration: Registration | undefined): void {
    if (registration === undefined || unfinished?.has(registration.kind.name) === false) return;
    const { kind, limit } = registration;
    if (slots.freeOf(kind.name) >= (limit ?? concurrency) / 2) return work.wake();
    gathering ??= setTimeout(() => {
      gathering = undefined;
      work.wake();
    }, GATHER_MS);
  }

  /** Lets ends meet while other jobs are at work: a transaction costs much the same for one as for many. */
  async function gatherEnds(): Promise<void> {
    if (endings === undefined && (slots.taken() === 0 || stopping.signal.aborted)) return;
    endings ??= together.sleep(SETTLE_MS).then(() => {
      endings = undefined;
    });
    // The last one waits for nobody, nor does anybody for more when the worker stops.
    if (slots.taken() === 0 || stopping.signal.aborted) together.wake();
    await endings;
  }

  /** Tries until it is written down, or until the lease is lost: then others run the job again. */
  async function record(settlement: Settlement, held: HeldJob): Promise<void> {
    if (settlement.record !== undefined) await gatherEnds();
    for (let failures = 1; ; failures += 1) {
      try {
        return await (failures === 1
          ? settle(settlement)
          : settleJobs(dataSource, service, [settlement]).then(() => undefined));
      } catch (error) {
        const { id, name } = settlement.job;
        logger.warn(
          { err: error, jobId: id, job: name, outcome: settlement.ending.outcome },
          'end of a job not recorded',
        );
        if (stopping.signal.aborted || held.abort.reason instanceof JobLostError) return;
        await pause(backoffDelay(failures, RETRY));
      }
    }
  }

  async function run(job: ClaimedJob, registration: Registration): Promise<void> {
    const abort = new JobAbort();
    const held = leases.add(job, { leaseMs: registration.kind.leaseMs, abort });
    const startedAt = held.renewedAt;
    const context = new AttemptContext(held, leases, dataSource);
    const result = await attemptJob(job, registration, { dataSource, abort, context });
    slots.give(job.priority, job.name);
    freed(registration);
    options.onEnd(job, result, (performance.now() - startedAt) / 1_000);
    if (result !== null && !result.settled) {
      const { handler } = registration;
      const recorder = handler.manner === 'plain' ? handler.record : undefined;
      await record({ job, ending: result.ending, result: result.result, thrown: result.error, record: recorder }, held);
    }
    leases.remove(held);
    if (job.schedule !== null) options.onNews();
    // It is due again, sooner perhaps than the loop would look.
    if (result?.ending.outcome === 'retry') work.wake();
  }

  function begin(job: ClaimedJob): void {
    const registration = registrations.get(job.name);
    if (registration === undefined) return;
    slots.take(job.priority, job.name);
    const end = run(job, registration).finally(() => {
      ends.delete(end);
      if (ends.size === 2 * concurrency - 1) work.wake();
    });
    ends.add(end);
  }

  async function turn(): Promise<void> {
    const claim = nextClaim();
    if (claim === undefined) return work.sleep(POLL_MS);
    const jobs = await withClient(dataSource, (client) => claimJobs(client, claim));
    jobs.forEach(begin);
    condition.works();
    unfinished = leftBy(claim, jobs);
    // The slots decided, and some of them may be free by now.
    if (jobs.length > 0 && unfinished === null) return;
    // A slot that came free during the claim told nobody.
    for (const name of unfinished ?? []) if (slots.freeOf(name) > 0) freed(registrations.get(name));
    const finished = claim.kinds.map(({ name }) => name).filter((name) => unfinished?.has(name) !== true);
    const due = await withClient(dataSource, (client) => readNextDue(client, finished));
    // Rounded up: a timer that fires a fraction early would ask again for nothing.
    await work.sleep(due === undefined ? POLL_MS : Math.min(POLL_MS, due <= 0 ? ALL_CLAIMED_MS : Math.ceil(due)));
  }

  async function loop(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        await turn();
        failures = 0;
      } catch (error) {
        failures += 1;
        condition.fails(error);
        await pause(backoffDelay(failures, RETRY));
      }
    }
  }

  const running = loop();
  return {
    async stop(patienceMs) {
      stopping.abort();
      detach();
      work.wake();
      await running;
      const impatience = setTimeout(() => {
        for (const { abort } of leases.held)
          abort.abort(new WorkerStoppedError('the worker stops and could not wait any longer'));
      }, patienceMs);
      await Promise.all(ends);
      clearTimeout(impatience);
      clearTimeout(gathering);
      await leases.stop();
      await connection.stop();
    },
  };
}
