import type { DataSource, EntityManager } from 'typeorm';
import { JOBS_CHANNEL } from './enqueue.js';

/** Lets a schedule fire now, besides its times. False when the database knows no schedule of that name. */
export async function triggerSchedule(database: DataSource | EntityManager, name: string): Promise<boolean> {
  const rows: unknown[] = await database.query(
    `WITH due AS (
       UPDATE job_schedules SET next_at = clock_timestamp(), version = version + 1 WHERE name = $1 RETURNING name
     ), counted AS MATERIALIZED (SELECT count(*) FROM due)
     SELECT pg_notify('${JOBS_CHANNEL}', '')::text FROM counted WHERE count > 0`,
    [name],
  );
  return rows.length > 0;
}
