import type { Pool } from 'pg';
import type { LogPosition } from '../log-position.js';
import { readHead } from './postgres-log.js';

/** The `seq` after which a reader begins that wants everything from `position` on. */
export async function locateInLog(pool: Pool, position: LogPosition): Promise<number> {
  if (position === 'beginning') return 0;
  if (position === 'end') return readHead(pool);
  if ('time' in position) return readPositionAt(pool, position.time);
  return Math.min(Math.max(position.offset - 1, 0), await readHead(pool));
}

/** The `seq` after which everything was recorded at `since` or later. */
async function readPositionAt(pool: Pool, since: Date): Promise<number> {
  const { rows } = await pool.query<{ position: string }>(
    `SELECT coalesce((SELECT min(seq) - 1 FROM log WHERE recorded_at >= $1), (SELECT max(seq) FROM log), 0) AS position`,
    [since],
  );
  return Number(rows[0]?.position ?? 0);
}
