import type { DataSource, EntityManager } from 'typeorm';
import type { ClaimedJob } from './claimed-job.js';
import { JobLostError } from './job-errors.js';
import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';

/** waiting: due or not yet due; running: somebody holds it; dead: has used up its attempts. */
export type JobState = 'waiting' | 'running' | 'dead';

/** What is known of a job. A job that is done is known no more. */
export interface JobStatus {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly priority: JobPriority;
  readonly key: string | null;
  readonly attempt: number;
  /** When it is due; null when it is dead. */
  readonly runAt: Date | null;
  /** What the latest attempt failed with. */
  readonly error: string | null;
  /** What the handler noted last. */
  readonly progress: unknown;
}

/** Null when there is no such job, or it is done. */
export async function readJob(database: DataSource | EntityManager, id: string): Promise<JobStatus | null> {
  const rows: (Omit<JobStatus, 'priority'> & { readonly priority: number })[] = await database.query(
    `SELECT id, name, CASE WHEN lease_until > now() THEN 'running' ELSE 'waiting' END AS state, priority, key, attempt,
            run_at AS "runAt", error, progress FROM jobs WHERE id = $1
     UNION ALL
     SELECT id, name, 'dead', priority, key, attempts, NULL, error, NULL FROM dead_jobs WHERE id = $1`,
    [id],
  );
  const [row] = rows;
  return row === undefined ? null : { ...row, priority: PRIORITIES[row.priority] ?? 'bulk' };
}

/** Notes how far a job is. Rejects with JobLostError when it is no longer held. */
export async function saveProgress(dataSource: DataSource, { id, token }: ClaimedJob, value: unknown): Promise<void> {
  const [, count]: [unknown, number] = await dataSource.query(
    'UPDATE jobs SET progress = $3 WHERE id = $1 AND token = $2',
    [id, token, JSON.stringify(value ?? null)],
  );
  if (count === 0) throw new JobLostError('the job was cancelled, or others run it');
}
