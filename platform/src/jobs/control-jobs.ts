import type { EntityManager } from 'typeorm';
import { JOBS_CHANNEL } from './enqueue.js';
import type { JobKind } from './job.js';

/** Names jobs: by id, or by kind and, unless all of the kind are meant, key. */
export type JobSelection =
  | { readonly ids: readonly string[] }
  | { readonly name: string; readonly key?: string | undefined };

/** Nobody starts a job of this kind, in any process, until it is resumed. Those that run go on. Harmless twice. */
export async function pauseJob(manager: EntityManager, { name }: Pick<JobKind, 'name'>): Promise<void> {
  await manager.query('INSERT INTO paused_jobs (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
}

/** Ends a pause, if there is one. */
export async function resumeJob(manager: EntityManager, { name }: Pick<JobKind, 'name'>): Promise<void> {
  await manager.query(
    `WITH resumed AS (DELETE FROM paused_jobs WHERE name = $1) SELECT pg_notify('${JOBS_CHANNEL}', '')`,
    [name],
  );
}

/**
 * Cancels jobs that wait or run; returns how many there were. One that runs is told by its signal; what it still does
 * inside of the database is rolled back. One that has finished, or is dead, is not cancelled.
 */
export async function cancelJobs(manager: EntityManager, selection: JobSelection): Promise<number> {
  const [condition, values] =
    'ids' in selection
      ? ['id = ANY($1::uuid[])', [selection.ids]]
      : selection.key === undefined
        ? ['name = $1', [selection.name]]
        : ['name = $1 AND key = $2', [selection.name, selection.key]];
  return deleteJobs(manager, condition, values);
}

/** Deletes jobs and tells the workers. In the order of ids, as everybody locks them. */
export async function deleteJobs(
  manager: EntityManager,
  condition: string,
  values: readonly unknown[],
): Promise<number> {
  const rows: { readonly count: string }[] = await manager.query(
    `WITH chosen AS MATERIALIZED (SELECT id FROM jobs WHERE ${condition} ORDER BY id FOR UPDATE),
          gone AS (DELETE FROM jobs USING chosen WHERE jobs.id = chosen.id RETURNING jobs.id),
          counted AS MATERIALIZED (SELECT count(*) FROM gone)
     SELECT count, CASE WHEN count > 0 THEN pg_notify('${JOBS_CHANNEL}', 'cancelled')::text END FROM counted`,
    [...values],
  );
  return Number(rows[0]?.count ?? 0);
}
