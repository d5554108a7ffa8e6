import type { EntityManager } from 'typeorm';
import type { EventEnvelope } from './envelope.js';

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
}

/** What Postgres can store as text, not too long. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\0', '').slice(0, MAX_ERROR_LENGTH);
}

/** Parks events of a group in the order given. */
export async function parkEvents(
  manager: EntityManager,
  group: string,
  events: readonly NewParkedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `INSERT INTO parked_events (grp, event_id, type, key, attempt, next_at, error, envelope, state)
     SELECT $1, id, type, key, attempt, now() + delay * interval '1 ms', error, envelope, 'retry'
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::float8[], $7::text[], $8::json[])
       AS event (id, type, key, attempt, delay, error, envelope)
     ON CONFLICT (grp, event_id) DO NOTHING`,
    [
      group,
      events.map(({ envelope }) => envelope.id),
      events.map(({ envelope }) => envelope.type),
      events.map(({ envelope }) => envelope.key),
      events.map(({ attempt }) => attempt),
      events.map(({ delayMs }) => delayMs),
      events.map(({ error }) => error),
      events.map(({ envelope }) => JSON.stringify(envelope)),
    ],
  );
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

/** Names parked events: those ids of one group. */
export interface ParkedSelection {
  readonly group: string;
  readonly eventIds: readonly string[];
}

/** Gives dead events all their attempts again, within seconds. Returns how many there were. */
export async function redriveParkedEvents(
  manager: EntityManager,
  { group, eventIds }: ParkedSelection,
): Promise<number> {
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE parked_events SET state = 'retry', attempt = 0, next_at = now(), changed_at = now()
     WHERE grp = $1 AND event_id = ANY($2) AND state = 'dead'`,
    [group, eventIds],
  );
  return count;
}

/** Gives up on events for good; the reason is kept in place of the error. Returns how many there were. */
export async function discardParkedEvents(
  manager: EntityManager,
  { group, eventIds, reason }: ParkedSelection & { readonly reason: string },
): Promise<number> {
  const [, count]: [unknown, number] = await manager.query(
    `UPDATE parked_events SET state = 'done', error = $3, changed_at = now()
     WHERE grp = $1 AND event_id = ANY($2) AND state <> 'done'`,
    [group, eventIds, describeError(`discarded: ${reason}`)],
  );
  return count;
}

/** Replaces the data of a dead event, before it is driven again. False when there is no such dead event. */
export async function editParkedEvent(
  manager: EntityManager,
  { group, eventId, data }: { readonly group: string; readonly eventId: string; readonly data: unknown },
): Promise<boolean> {
  const rows: readonly { readonly envelope: EventEnvelope }[] = await manager.query(
    `SELECT envelope FROM parked_events WHERE grp = $1 AND event_id = $2 AND state = 'dead' FOR UPDATE`,
    [group, eventId],
  );
  const [row] = rows;
  if (row === undefined) return false;
  await manager.query(`UPDATE parked_events SET envelope = $3, changed_at = now() WHERE grp = $1 AND event_id = $2`, [
    group,
    eventId,
    JSON.stringify({ ...row.envelope, data }),
  ]);
  return true;
}
