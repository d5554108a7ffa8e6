import type { Pool } from 'pg';
import type { Queryable } from '../../../database/index.js';
import type { GroupLag } from '../transport.js';
import type { TopicFilter } from './postgres-topic-filter.js';

/** Tries to become the one reader of a group, for as long as the session of `client` lives. */
export async function lockGroup(client: Queryable, group: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
    [group],
  );
  return rows[0]?.locked === true;
}

/** Gives the group to the next reader. */
export async function unlockGroup(client: Queryable, group: string): Promise<void> {
  await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [group]);
}

/** Where a group is, and the number that proves who owns it: it rises with every new owner. */
export interface GroupCursor {
  readonly seq: number;
  readonly fence: number;
}

/** Who reads a group, and what. */
export interface GroupClaim {
  readonly group: string;
  readonly topics: readonly string[];
  readonly owner: string;
}

/** Creates the cursor of a group that has none, after `seq`: of several who try, the first decides. */
export async function createCursor(pool: Pool, { group, topics, owner, seq }: GroupClaim & { readonly seq: number }) {
  await pool.query(
    'INSERT INTO cursors (grp, topics, owner, seq) VALUES ($1, $2, $3, $4) ON CONFLICT (grp) DO NOTHING',
    [group, topics, owner, seq],
  );
}

/** Takes over the cursor of a group, and creates it at the beginning of the log for a new one. */
export async function claimCursor(pool: Pool, { group, topics, owner }: GroupClaim): Promise<GroupCursor> {
  const { rows } = await pool.query<{ seq: string; fence: string }>(
    `INSERT INTO cursors (grp, topics, owner) VALUES ($1, $2, $3)
     ON CONFLICT (grp) DO UPDATE SET fence = cursors.fence + 1, topics = excluded.topics, owner = excluded.owner
     RETURNING seq, fence`,
    [group, topics, owner],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`cursor of group ${group} was not returned`);
  return { seq: Number(row.seq), fence: Number(row.fence) };
}

/**
 * Moves the cursor, without waiting for the disk: a server that crashes forgets the last moves, and the events are
 * delivered again. False when another owner has taken over since `fence`.
 */
export async function advanceCursor(
  pool: Pool,
  { group, fence, seq }: { readonly group: string; readonly fence: number; readonly seq: number },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'orion-cursor-advance',
    text: `UPDATE cursors SET seq = $3, updated_at = now()
           FROM (SELECT set_config('synchronous_commit', 'off', true)) AS setting WHERE grp = $1 AND fence = $2`,
    values: [group, fence, seq],
  });
  return rowCount === 1;
}

/** What comes after the cursor of a group; everything for a group without one. */
export async function readGroupLag(
  pool: Pool,
  { group, topics }: { readonly group: string; readonly topics: TopicFilter },
): Promise<GroupLag> {
  const { rows } = await pool.query<{ events: string; oldest_at: Date | null }>({
    name: `orion-group-lag-${topics.kind}`,
    text: `SELECT count(*) AS events, min(recorded_at) AS oldest_at FROM log
           WHERE seq > coalesce((SELECT seq FROM cursors WHERE grp = $2), 0) AND ${topics.condition}`,
    values: [topics.value, group],
  });
  return { events: Number(rows[0]?.events ?? 0), oldestAt: rows[0]?.oldest_at ?? null };
}
