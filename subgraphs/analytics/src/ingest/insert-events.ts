import type { EntityManager } from 'typeorm';
import type { StoredEvent } from './stored-event.js';

/** Columns of many events, for `unnest`: the parameters `$1` to `$8`. */
export function eventColumns(events: readonly StoredEvent[]): readonly unknown[] {
  return [
    plainArray(events.map(({ eventId }) => eventId)),
    plainArray(events.map(({ occurredAt }) => occurredAt.toISOString())),
    events.map(({ type }) => type),
    events.map(({ name }) => name),
    plainArray(events.map(({ userId }) => userId)),
    plainArray(events.map(({ sessionId }) => sessionId)),
    events.map(({ anonymousId }) => anonymousId),
    events.map(({ properties }) => JSON.stringify(properties)),
  ];
}

/** Ids and times need no quotes in an array of Postgres, and the driver would look at each of their characters. */
function plainArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** The rows that `eventColumns` gives, as a table expression. */
export const EVENT_ROWS = `unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::jsonb[])
  AS row (event_id, occurred_at, type, name, user_id, session_id, anonymous_id, properties)`;

/** In the order of EVENT_ROWS. */
export const EVENT_COLUMNS = 'event_id, occurred_at, type, name, user_id, session_id, anonymous_id, properties';

/** Stores events in one statement; those that are there already stay as they are. Their days must exist. */
export async function insertEvents(manager: EntityManager, events: readonly StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `INSERT INTO events (${EVENT_COLUMNS}) SELECT ${EVENT_COLUMNS} FROM ${EVENT_ROWS} ON CONFLICT DO NOTHING`,
    [...eventColumns(events)],
  );
}
