import type { EntityManager } from 'typeorm';
import { JOBS_CHANNEL } from './enqueue.js';
import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';

/** A job that has used up its attempts, or whose handler said that trying again is of no use. */
export interface DeadJob {
  readonly id: string;
  readonly name: string;
  readonly priority: JobPriority;
  readonly key: string | null;
  readonly data: unknown;
  readonly attempts: number;
  /** What the last attempt failed with. */
  readonly error: string;
  readonly enqueuedAt: Date;
  readonly diedAt: Date;
}

/** Dead jobs of a kind or of all, in the order of their ids. Pages go on after the last id. */
export async function listDeadJobs(
  manager: EntityManager,
  filter: { readonly name?: string | undefined; readonly afterId?: string | undefined; readonly limit: number },
): Promise<readonly DeadJob[]> {
  const rows: (Omit<DeadJob, 'priority'> & { readonly priority: number })[] = await manager.query(
    `SELECT id, name, priority, key, data, attempts, error, enqueued_at AS "enqueuedAt", died_at AS "diedAt"
     FROM dead_jobs WHERE ($1::text IS NULL OR name = $1) AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [filter.name ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows.map((row) => ({ ...row, priority: PRIORITIES[row.priority] ?? 'bulk' }));
}

/** Gives dead jobs all their attempts again, at once. Returns how many there were. */
export async function redriveDeadJobs(
  manager: EntityManager,
  { jobIds }: { readonly jobIds: readonly string[] },
): Promise<number> {
  const rows: { readonly count: string }[] = await manager.query(
    `WITH back AS (
       DELETE FROM dead_jobs WHERE id = ANY($1::uuid[])
       RETURNING id, name, priority, token, key, data, cause, error, schedule, enqueued_at
     ), made AS (
       INSERT INTO jobs (id, name, priority, run_at, token, key, data, cause, error, schedule, enqueued_at)
       SELECT id, name, priority, now(), token, key, data, cause, error, schedule, enqueued_at FROM back RETURNING id
     ), counted AS MATERIALIZED (SELECT count(*) FROM made)
     SELECT count, pg_notify('${JOBS_CHANNEL}', '')::text FROM counted`,
    [jobIds],
  );
  return Number(rows[0]?.count ?? 0);
}

/** Gives up on dead jobs for good: they are deleted. Returns how many there were. The audit is the caller's. */
export async function discardDeadJobs(
  manager: EntityManager,
  { jobIds }: { readonly jobIds: readonly string[] },
): Promise<number> {
  const [, count]: [unknown, number] = await manager.query('DELETE FROM dead_jobs WHERE id = ANY($1::uuid[])', [
    jobIds,
  ]);
  return count;
}
