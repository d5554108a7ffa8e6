import { DataSource } from 'typeorm';
import { triggerSchedule } from '../jobs/index.js';
import { eventually } from './eventually.js';

/** Lets a schedule of a running subgraph fire, and waits until its job is over. */
export async function runSchedule(databaseUrl: string, name: string): Promise<void> {
  const database = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
  const isIdle = async (): Promise<boolean> => {
    const rows: unknown[] = await database.query('SELECT 1 FROM jobs WHERE schedule = $1', [name]);
    return rows.length === 0;
  };
  const firings = async (): Promise<number> => {
    const rows: { readonly version: number }[] = await database.query(
      'SELECT version FROM job_schedules WHERE name = $1 AND next_at > now()',
      [name],
    );
    return rows[0]?.version ?? 0;
  };
  try {
    // What fires because the database is new is over first: it may have begun before the test was ready.
    await eventually(async () => (await isIdle()) && (await triggerSchedule(database, name)));
    await eventually(async () => (await firings()) > 0 && (await isIdle()));
  } finally {
    await database.destroy();
  }
}
