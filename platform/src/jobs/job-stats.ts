import type { DataSource, EntityManager } from 'typeorm';
import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';

/** Jobs of one kind and priority. */
export interface JobStats {
  readonly name: string;
  readonly priority: JobPriority;
  /** Due, and in nobody's hands. */
  readonly waiting: number;
  /** Not due yet: delayed, or between two attempts. */
  readonly delayed: number;
  readonly running: number;
  readonly dead: number;
  /** Since when the oldest of `waiting` is due. */
  readonly oldestAt: Date | null;
  /** Finished a minute, mean of the latest five, all processes together. */
  readonly perMinute: number;
  readonly paused: boolean;
}

/** One entry for each kind and priority of which there is a job, or was one within five minutes. Reads every job once. */
export async function readJobStats(database: DataSource | EntityManager): Promise<readonly JobStats[]> {
  const rows: (Omit<JobStats, 'priority'> & { readonly priority: number })[] = await database.query(
    `SELECT name, priority, sum(waiting)::float8 AS waiting, sum(delayed)::float8 AS delayed, sum(running)::float8 AS running,
            sum(dead)::float8 AS dead, min(oldest_at) AS "oldestAt", sum(rate)::float8 AS "perMinute",
            EXISTS (SELECT 1 FROM paused_jobs WHERE paused_jobs.name = known.name) AS paused
     FROM (
       SELECT name, priority, count(*) FILTER (WHERE lease_until <= now() AND run_at <= now()) AS waiting,
              count(*) FILTER (WHERE lease_until <= now() AND run_at > now()) AS delayed,
              count(*) FILTER (WHERE lease_until > now()) AS running, 0 AS dead,
              min(run_at) FILTER (WHERE lease_until <= now() AND run_at <= now()) AS oldest_at, 0 AS rate
         FROM jobs GROUP BY name, priority
       UNION ALL SELECT name, priority, 0, 0, 0, count(*), NULL, 0 FROM dead_jobs GROUP BY name, priority
       UNION ALL SELECT name, priority, 0, 0, 0, 0, NULL, sum(done + retried + dead) / 5.0
         FROM job_rates WHERE minute > now() - interval '5 minutes' GROUP BY name, priority
     ) AS known
     GROUP BY name, priority ORDER BY priority, name`,
  );
  return rows.map((row) => ({ ...row, priority: PRIORITIES[row.priority] ?? 'bulk' }));
}
