import type { EntityManager } from 'typeorm';
import type { EventEnvelope } from '../envelope.js';

/** Kept with a parked event; the log has the stack. */
const MAX_ERROR_LENGTH = 4_000;

/** retry: waits for its next attempt; dead: has used up its attempts; done: took effect, or was discarded. */
export type ParkedState = 'retry' | 'dead' | 'done';

/** An event that a group could not process. */
export interface ParkedEvent {
  /** Order of parking within the service. */
  readonly seq: string;
  readonly group: string;
  readonly envelope: EventEnvelope;
  /** How often the handler was called; 0 while it only waits behind another event of its key. */
  readonly attempt: number;
  readonly nextAt: Date;
  readonly error: string | null;
  readonly state: ParkedState;
  readonly parkedAt: Date;
  readonly changedAt: Date;
}

/** An event to park. `delayMs` counts from now, by the clock of the database. */
export interface NewParkedEvent {
  readonly envelope: EventEnvelope;
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: string | null;
  /** dead: a group that wants no second attempt; default retry. */
  readonly state?: 'retry' | 'dead';
}

/** What Postgres can store as text, not too long. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\0', '').slice(0, MAX_ERROR_LENGTH);
}

/**
 * Parks events of a group in the order given. Waits begin now and not with the transaction, which may have run for long
 * before something failed. Returns this moment.
 */
export async function parkEvents(
  manager: EntityManager,
  group: string,
  events: readonly NewParkedEvent[],
): Promise<Date | undefined> {
  if (events.length === 0) return undefined;
  const rows: readonly { readonly changed_at: Date }[] = await manager.query(
    `INSERT INTO parked_events
       (grp, event_id, type, key, attempt, next_at, error, envelope, state, parked_at, changed_at)
     SELECT $1, id, type, key, attempt, clock.now + delay * interval '1 ms', error, envelope, state, clock.now, clock.now
     FROM (SELECT clock_timestamp() AS now OFFSET 0) clock,
       unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::float8[], $7::text[], $8::json[], $9::text[])
       AS event (id, type, key, attempt, delay, error, envelope, state)
     ON CONFLICT (grp, event_id) DO NOTHING RETURNING changed_at`,
    [
      group,
      events.map(({ envelope }) => envelope.id),
      events.map(({ envelope }) => envelope.type),
      events.map(({ envelope }) => envelope.key),
      events.map(({ attempt }) => attempt),
      events.map(({ delayMs }) => delayMs),
      events.map(({ error }) => error),
      events.map(({ envelope }) => JSON.stringify(envelope)),
      events.map(({ state = 'retry' }) => state),
    ],
  );
  return rows[0]?.changed_at;
}

/** Those of `keys` for which the group has an event waiting. */
export async function readBlockedKeys(
  manager: EntityManager,
  group: string,
  keys: readonly string[],
): Promise<Set<string>> {
  const rows: readonly { readonly key: string }[] = await manager.query(
    `SELECT DISTINCT key FROM parked_events WHERE grp = $1 AND state = 'retry' AND key = ANY($2)`,
    [group, keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/** Events parked for a group or for all, by state, oldest first. Pages go on after the last `seq`. */
export async function listParkedEvents(
  manager: EntityManager,
  filter: {
    readonly group?: string | undefined;
    readonly state: ParkedState;
    readonly type?: string | undefined;
    readonly afterSeq?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly ParkedEvent[]> {
  return manager.query(
    `SELECT seq, grp AS "group", envelope, attempt, next_at AS "nextAt", error, state, parked_at AS "parkedAt", changed_at AS "changedAt"
     FROM parked_events
     WHERE state = $1 AND ($2::text IS NULL OR grp = $2) AND ($3::text IS NULL OR type = $3) AND seq > $4
     ORDER BY seq LIMIT $5`,
    [filter.state, filter.group ?? null, filter.type ?? null, filter.afterSeq ?? '0', filter.limit],
  );
}
