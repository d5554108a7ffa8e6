import type { ClientBase } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { auditRecorded, jobDeadLettered } from '../event-contracts/index.js';
import { runCausedBy } from '../events/causation.js';
import { publish } from '../events/publishing/outbox.js';
import { uuidv7 } from '../ids/index.js';
import type { ClaimedJob } from './claimed-job.js';
import type { EndedJob, JobRecorder } from './job-record.js';
import { clientOf, withClient } from './pooled-client.js';

/**
 * How an attempt ended. done: the job is deleted. retry: it is due again after `delayMs`. dead: it is kept for
 * operators. released: it is due at once, and the attempt does not count.
 */
export type Ending =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'retry'; readonly delayMs: number; readonly error: string }
  | { readonly outcome: 'dead'; readonly error: string }
  | { readonly outcome: 'released' };

/** An attempt and how it ended. */
export interface Settlement {
  readonly job: ClaimedJob;
  readonly ending: Ending;
  /** What the handler resolved with. */
  readonly result?: unknown;
  /** What it rejected with. */
  readonly thrown?: unknown;
  readonly record?: JobRecorder<unknown, unknown> | undefined;
}

/** Held by id and token: whoever lost the job to another claim changes nothing. */
const HELD = 'unnest($1::uuid[], $2::int[]';

/**
 * Writes down how attempts ended; returns the ids of those jobs that were still held. Jobs that are done take one
 * statement for all of them; a transaction is there when somebody is dead or has something to record.
 */
export async function settleJobs(
  dataSource: DataSource,
  service: string,
  settlements: readonly Settlement[],
): Promise<ReadonlySet<string>> {
  // Every statement locks jobs in the order of their ids, so that none waits for another in a circle.
  const ordered = settlements.toSorted(({ job: one }, { job: other }) => (one.id < other.id ? -1 : 1));
  const dead = ordered.filter(isDead);
  const recorders = new Set(ordered.flatMap(({ record }) => record ?? []));
  if (dead.length === 0 && recorders.size === 0) return withClient(dataSource, (client) => write(client, ordered));
  return dataSource.transaction(async (manager) => {
    const held = await write(await clientOf(manager), ordered);
    for (const id of await bury(manager, service, dead)) held.add(id);
    for (const record of recorders) {
      const theirs = ordered.filter((each) => each.record === record);
      await record(
        manager,
        theirs.map((each) => endedJob(each, held.has(each.job.id))),
      );
    }
    return held;
  });
}

type Death = Settlement & { readonly ending: Extract<Ending, { readonly outcome: 'dead' }> };

function isDead(settlement: Settlement): settlement is Death {
  return settlement.ending.outcome === 'dead';
}

function endedJob({ job, ending, result, thrown }: Settlement, isHeld: boolean): EndedJob {
  const error = 'error' in ending ? ending.error : null;
  return { job, outcome: ending.outcome, result, thrown, error, isHeld, cause: job.cause };
}

/** All but the dead. */
async function write(client: ClientBase, settlements: readonly Settlement[]): Promise<Set<string>> {
  const held = new Set<string>();
  const done = settlements.filter(({ ending }) => ending.outcome === 'done').map(({ job }) => job);
  const back = settlements.filter(({ ending }) => ending.outcome === 'retry' || ending.outcome === 'released');
  if (done.length > 0) for (const id of await finishJobs(client, done)) held.add(id);
  if (back.length > 0) for (const id of await giveBack(client, back)) held.add(id);
  return held;
}

/** Deletes jobs that are done; returns the ids of those that were still held. */
export async function finishJobs(client: ClientBase, jobs: readonly ClaimedJob[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'orion-jobs-finish',
    text: 'SELECT finish_jobs_v1($1, $2) AS id',
    values: identify(jobs),
  });
  return rows.map(({ id }) => id);
}

/** The token rises, so that the attempt that gives a job back cannot do anything in its name any more. */
async function giveBack(client: ClientBase, settlements: readonly Settlement[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'orion-jobs-back',
    text: `UPDATE jobs SET lease_until = '-infinity', token = jobs.token + 1, run_at = now() + held.delay_ms * interval '1 ms',
             attempt = jobs.attempt - CASE WHEN held.error IS NULL THEN 1 ELSE 0 END, error = coalesce(held.error, jobs.error)
           FROM ${HELD}, $3::float8[], $4::text[]) AS held (id, token, delay_ms, error)
           WHERE jobs.id = held.id AND jobs.token = held.token RETURNING jobs.id`,
    values: [
      ...identify(settlements.map(({ job }) => job)),
      settlements.map(({ ending }) => (ending.outcome === 'retry' ? ending.delayMs : 0)),
      settlements.map(({ ending }) => (ending.outcome === 'retry' ? ending.error : null)),
    ],
  });
  return rows.map(({ id }) => id);
}

/** Moves jobs to the dead ones, and tells so. */
async function bury(manager: EntityManager, service: string, deaths: readonly Death[]): Promise<readonly string[]> {
  if (deaths.length === 0) return [];
  const client = await clientOf(manager);
  const { rows } = await client.query<{ id: string; diedAt: Date }>({
    name: 'orion-jobs-bury',
    text: `WITH died AS (
             DELETE FROM jobs USING ${HELD}, $3::text[]) AS held (id, token, error)
             WHERE jobs.id = held.id AND jobs.token = held.token
             RETURNING jobs.id, name, priority, jobs.token, attempt, key, data, cause, held.error, schedule, enqueued_at
           )
           INSERT INTO dead_jobs (id, name, priority, token, attempts, key, data, cause, error, schedule, enqueued_at)
           SELECT * FROM died RETURNING id, died_at AS "diedAt"`,
    values: [...identify(deaths.map(({ job }) => job)), deaths.map(({ ending }) => ending.error)],
  });
  const diedAt = new Map(rows.map((row) => [row.id, row.diedAt]));
  for (const death of deaths) {
    const at = diedAt.get(death.job.id);
    if (at !== undefined) await announce(manager, death, { service, diedAt: at.toISOString() });
  }
  return rows.map(({ id }) => id);
}

/** What failed is told on the topic of dead letters, without the data, which may be anything; and to the audit log. */
async function announce(
  manager: EntityManager,
  { job, ending }: Death,
  { service, diedAt }: { readonly service: string; readonly diedAt: string },
): Promise<void> {
  const { id: jobId, name, priority, key, attempt: attempts } = job;
  const events = [
    jobDeadLettered.of({ service, jobId, name, priority, key, attempts, error: ending.error, diedAt }),
    auditRecorded.of({
      auditId: uuidv7(),
      actorType: 'system',
      actorId: null,
      action: 'job.dead_lettered',
      outcome: 'failure',
      targets: [{ type: 'job', id: jobId }],
      service,
      reason: null,
      ip: null,
      userAgent: null,
      // Not the error: it may quote data that the readers of the audit log may not see.
      details: { name, attempts },
      occurredAt: diedAt,
    }),
  ];
  const tell = () => publish(manager, events);
  await (job.cause === null ? tell() : runCausedBy(job.cause, tell));
}

function identify(jobs: readonly ClaimedJob[]): [readonly string[], readonly number[]] {
  return [jobs.map(({ id }) => id), jobs.map(({ token }) => token)];
}
