import type { Pool } from 'pg';
import type { Queryable } from '../../../database/index.js';
import type { EventEnvelope } from '../../envelope.js';
import type { TopicFilter } from './postgres-topic-filter.js';

/** Woken by every append; the payload is the topics, comma separated, or empty when they are too many for it. */
export const BUS_CHANNEL = 'orion_bus';
/** Postgres takes less than 8000 bytes. */
const LONGEST_PAYLOAD = 7_900;

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
  const topics = [...new Set(batch.map(({ topic }) => topic))].join(',');
  await pool.query({
    name: 'orion-log-append',
    text: APPEND,
    values: [
      batch.map(({ id }) => id),
      batch.map(({ topic }) => topic),
      batch.map(({ key }) => key),
      batch.map(({ type }) => type),
      batch.map((event) => JSON.stringify(event)),
      topics.length > LONGEST_PAYLOAD ? '' : topics,
    ],
  });
}

/** The greatest bigint, as text: a number of JavaScript does not hold it. */
const LAST_SEQ = '9223372036854775807';

/** An event and its place in the log. */
export interface LogRow {
  readonly seq: number;
  readonly envelope: EventEnvelope;
}

/** The next events of `topics` after `after` and up to `upTo`, in order. */
export async function readLog(
  pool: Pool,
  {
    after,
    upTo,
    topics,
    limit,
  }: { readonly after: number; readonly upTo?: number; readonly topics: TopicFilter; readonly limit: number },
): Promise<readonly LogRow[]> {
  const { rows } = await pool.query<{ seq: string; envelope: EventEnvelope }>({
    name: `orion-log-read-${topics.kind}`,
    text: `SELECT seq, envelope FROM log WHERE seq > $2 AND seq <= $3 AND ${topics.condition} ORDER BY seq LIMIT $4`,
    values: [topics.value, after, upTo ?? LAST_SEQ, limit],
  });
  return rows.map(({ seq, envelope }) => ({ seq: Number(seq), envelope }));
}

/** The highest `seq` that is visible; 0 when the log is empty. */
export async function readHead(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ head: string }>('SELECT coalesce(max(seq), 0) AS head FROM log');
  return Number(rows[0]?.head ?? 0);
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
