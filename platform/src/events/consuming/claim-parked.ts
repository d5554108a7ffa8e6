import type { EntityManager } from 'typeorm';
import type { EventEnvelope } from '../envelope.js';
import type { Redrive } from '../operations/settle-parked.js';
import type { Processing } from './event-processing.js';

/** A parked event that this transaction holds. */
export interface ClaimedEvent {
  readonly envelope: EventEnvelope;
  /** Calls of the handler until now. */
  readonly attempt: number;
  readonly parkedForMs: number;
  /** Who drove it again; null when nobody did. */
  readonly redrive: Redrive | null;
}

interface ClaimedRow extends ClaimedEvent {
  readonly seq: string;
  readonly key: string;
  readonly due: boolean;
}

const COLUMNS = `seq, key, envelope, attempt, redrive, next_at <= now() AS due,
  (extract(epoch FROM now() - parked_at) * 1000)::float8 AS "parkedForMs"`;

/** So many other processes may hold before this one finds nothing for a moment. */
const HELD_BY_OTHERS = 1_000;

/** From key to key by the index, whatever waits behind the first of each. */
const FIRSTS_OF_KEYS = `WITH RECURSIVE first AS (
  (SELECT key, seq, event_id, next_at FROM parked_events WHERE grp = $1 AND state = 'retry' ORDER BY key, seq LIMIT 1)
  UNION ALL
  SELECT following.key, following.seq, following.event_id, following.next_at FROM first, LATERAL (
    SELECT key, seq, event_id, next_at FROM parked_events
    WHERE grp = $1 AND state = 'retry' AND key > first.key ORDER BY key, seq LIMIT 1) following
)`;

/** How long until an event of the group is due, in milliseconds (0: now); undefined when nothing waits. */
export async function readNextDue({ dataSource, group, ordering }: Processing): Promise<number | undefined> {
  const untilDue = '(extract(epoch FROM min(next_at) - clock_timestamp()) * 1000)::float8 AS due';
  const rows: readonly { readonly due: number | null }[] = await dataSource.query(
    ordering === 'key'
      ? `${FIRSTS_OF_KEYS} SELECT ${untilDue} FROM first`
      : `SELECT ${untilDue} FROM parked_events WHERE grp = $1 AND state = 'retry'`,
    [group],
  );
  const due = rows[0]?.due ?? undefined;
  return due === undefined ? undefined : Math.max(0, due);
}

/**
 * Takes at most `limit` events that are due and that no other process works on, in the order in which to try them.
 * Under `ordering: 'key'` those are the first of their keys and then, where there is room, the ones that wait behind
 * them: whoever holds the first of a key holds the key.
 */
export async function claimDueEvents(
  manager: EntityManager,
  { group, ordering }: Processing,
  limit: number,
): Promise<readonly ClaimedEvent[]> {
  // Only the first of a key is eligible, also while another process is busy with it. Asked for beforehand, for in one
  // statement the planner goes through all that waits.
  const eligible =
    ordering === 'key' ? await readDueFirsts(manager, { group, limit: limit + HELD_BY_OTHERS }) : undefined;
  if (eligible?.length === 0) return [];
  const firsts: readonly ClaimedRow[] = await manager.query(
    `SELECT ${COLUMNS} FROM parked_events
     WHERE grp = $1 AND state = 'retry' AND next_at <= now() ${eligible === undefined ? '' : 'AND event_id = ANY ($3::uuid[])'}
     ORDER BY next_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED`,
    eligible === undefined ? [group, limit] : [group, limit, eligible],
  );
  const room = limit - firsts.length;
  if (ordering === 'none' || firsts.length === 0 || room === 0) return firsts;
  return [...firsts, ...(await claimThoseBehind(manager, { group, firsts, room }))];
}

async function readDueFirsts(
  manager: EntityManager,
  { group, limit }: { readonly group: string; readonly limit: number },
): Promise<readonly string[]> {
  const rows: readonly { readonly event_id: string }[] = await manager.query(
    `${FIRSTS_OF_KEYS} SELECT event_id FROM first WHERE next_at <= now() ORDER BY next_at, seq LIMIT $2`,
    [group, limit],
  );
  return rows.map(({ event_id }) => event_id);
}

async function claimThoseBehind(
  manager: EntityManager,
  { group, firsts, room }: { readonly group: string; readonly firsts: readonly ClaimedRow[]; readonly room: number },
): Promise<readonly ClaimedEvent[]> {
  // Not SKIP LOCKED: to pass over one that is being discarded would change the order if that is rolled back.
  const rows: readonly ClaimedRow[] = await manager.query(
    `SELECT behind.* FROM unnest($2::text[], $3::bigint[]) AS first (key, seq), LATERAL (
       SELECT ${COLUMNS} FROM parked_events
       WHERE grp = $1 AND state = 'retry' AND key = first.key AND seq > first.seq
       ORDER BY seq LIMIT $4 FOR UPDATE) behind
     ORDER BY behind.seq`,
    [group, firsts.map(({ key }) => key), firsts.map(({ seq }) => seq), Math.ceil(room / firsts.length)],
  );
  const held = new Set<string>();
  return rows.filter(({ key, due }) => {
    // One that failed before and waits holds back those behind it.
    if (!due) held.add(key);
    return !held.has(key);
  });
}
