import type { ClientBase, Pool } from 'pg';
import type { EventEnvelope } from './envelope.js';

/** Woken by every append; the payload is the topics, comma separated. */
export const BUS_CHANNEL = 'orion_bus';

/** Advisory locks with two keys, in a space of their own beside those of the groups (one key, see `lockGroup`). */
const LOCKS = 0x0a12;
const LOCK_TABLES = 1;
const LOCK_APPEND = 2;
const LOCK_PRUNE = 3;

const TABLES = `
CREATE TABLE IF NOT EXISTS log (
  seq bigserial PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  topic text NOT NULL,
  key text NOT NULL,
  type text NOT NULL,
  envelope json NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS log_recorded_at ON log USING brin (recorded_at);
CREATE TABLE IF NOT EXISTS cursors (
  grp text PRIMARY KEY,
  topics text[] NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  owner text NOT NULL,
  fence bigint NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now()
);`;

/** Creates what is missing. Processes that start together wait for each other. */
export async function createBusTables(pool: Pool): Promise<void> {
  // Several statements in one query are one transaction.
  await pool.query(`SELECT pg_advisory_xact_lock(${LOCKS}, ${LOCK_TABLES}); ${TABLES}`);
}

/**
 * Appends take turns, on a lock that is held until the commit is visible: so rows become visible in the order of `seq`,
 * and whoever has read up to a `seq` has missed nothing before it. One statement, so that no client holds the lock
 * while it is slow or dead. (Without turns a reader would need a horizon on transaction ids, and even that loses an
 * event whose transaction got its id later and its `seq` earlier than another's.)
 */
const APPEND = `
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(${LOCKS}, ${LOCK_APPEND})),
appended AS (
  INSERT INTO log (id, topic, key, type, envelope)
  SELECT event.id, event.topic, event.key, event.type, event.envelope
  FROM turn, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::json[]) AS event (id, topic, key, type, envelope)
  ON CONFLICT (id) DO NOTHING
)
SELECT pg_notify('${BUS_CHANNEL}', $6)`;

/** Durable when it resolves. Ids that the log has are left out. */
export async function appendToLog(pool: Pool, batch: readonly EventEnvelope[]): Promise<void> {
  await pool.query({
    name: 'orion-log-append',
    text: APPEND,
    values: [
      batch.map(({ id }) => id),
      batch.map(({ topic }) => topic),
      batch.map(({ key }) => key),
      batch.map(({ type }) => type),
      batch.map((event) => JSON.stringify(event)),
      [...new Set(batch.map(({ topic }) => topic))].join(','),
    ],
  });
}

/** An event and its place in the log. */
export interface LogRow {
  readonly seq: number;
  readonly envelope: EventEnvelope;
}

/** The next events of `topics` after `seq`, in order. */
export async function readLog(
  pool: Pool,
  { after, topics, limit }: { readonly after: number; readonly topics: readonly string[]; readonly limit: number },
): Promise<readonly LogRow[]> {
  const { rows } = await pool.query<{ seq: string; envelope: EventEnvelope }>({
    name: 'orion-log-read',
    text: 'SELECT seq, envelope FROM log WHERE seq > $1 AND topic = ANY($2) ORDER BY seq LIMIT $3',
    values: [after, topics, limit],
  });
  return rows.map(({ seq, envelope }) => ({ seq: Number(seq), envelope }));
}

/** The highest `seq` that is visible; 0 when the log is empty. */
export async function readHead(client: ClientBase | Pool): Promise<number> {
  const { rows } = await client.query<{ head: string }>('SELECT coalesce(max(seq), 0) AS head FROM log');
  return Number(rows[0]?.head ?? 0);
}

/** The `seq` after which everything was recorded at `since` or later. */
export async function readPositionAt(pool: Pool, since: Date): Promise<number> {
  const { rows } = await pool.query<{ position: string }>(
    `SELECT coalesce((SELECT min(seq) - 1 FROM log WHERE recorded_at >= $1), (SELECT max(seq) FROM log), 0) AS position`,
    [since],
  );
  return Number(rows[0]?.position ?? 0);
}

/** Tries to become the one reader of a group, for as long as the session of `client` lives. */
export async function lockGroup(client: ClientBase, group: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
    [group],
  );
  return rows[0]?.locked === true;
}

/** Gives the group to the next reader. */
export async function unlockGroup(client: ClientBase, group: string): Promise<void> {
  await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [group]);
}

/** Where a group is, and the number that proves who owns it: it rises with every new owner. */
export interface GroupCursor {
  readonly seq: number;
  readonly fence: number;
}

/** Takes over the cursor of a group, and creates it at the beginning of the log for a new one. */
export async function claimCursor(
  pool: Pool,
  { group, topics, owner }: { readonly group: string; readonly topics: readonly string[]; readonly owner: string },
): Promise<GroupCursor> {
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

/** Moves the cursor; false when another owner has taken over since `fence`. */
export async function advanceCursor(
  pool: Pool,
  { group, fence, seq }: { readonly group: string; readonly fence: number; readonly seq: number },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'orion-cursor-advance',
    text: 'UPDATE cursors SET seq = $3, updated_at = now() WHERE grp = $1 AND fence = $2',
    values: [group, fence, seq],
  });
  return rowCount === 1;
}

const PRUNE = `
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${LOCKS}, ${LOCK_PRUNE}) AS mine),
passed AS (SELECT coalesce(min(seq), 9223372036854775807) AS seq FROM cursors)
DELETE FROM log WHERE seq IN (
  SELECT log.seq FROM turn, passed, log
  WHERE turn.mine AND log.seq <= passed.seq AND log.recorded_at < now() - make_interval(days => $1)
  ORDER BY log.seq LIMIT $2)`;

/** Deletes at most `limit` rows that are older than `retentionDays` and that every group has passed; returns how many. */
export async function pruneLog(
  pool: Pool,
  { retentionDays, limit }: { readonly retentionDays: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await pool.query(PRUNE, [retentionDays, limit]);
  return rowCount ?? 0;
}

/** Groups that nobody has read for longer than the retention and that hold back the pruning of the log. */
export async function readAbandonedGroups(pool: Pool, retentionDays: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ grp: string }>(
    `SELECT grp FROM cursors WHERE updated_at < now() - make_interval(days => $1)
       AND seq < (SELECT min(seq) FROM log WHERE recorded_at >= now() - make_interval(days => $1)) - 1 ORDER BY grp`,
    [retentionDays],
  );
  return rows.map(({ grp }) => grp);
}
