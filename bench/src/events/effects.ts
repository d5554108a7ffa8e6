import { userLogin } from '@orion/platform/event-contracts';
import type { EventEnvelope, EventHandler, EventTransport } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';

/** One row for each event. */
export const EFFECTS_TABLE = `CREATE TABLE effects (event_id uuid PRIMARY KEY, key text NOT NULL, effected_at timestamptz NOT NULL DEFAULT now())`;

async function insert(manager: EntityManager, events: readonly EventEnvelope[]): Promise<void> {
  await manager.query('INSERT INTO effects (event_id, key) SELECT * FROM unnest($1::uuid[], $2::text[])', [
    events.map(({ id }) => id),
    events.map(({ key }) => key),
  ]);
}

/** Writes a row for each event, those of a batch in one statement, after `before` was called. */
export function recordEffects(before: () => void = () => undefined): EventHandler {
  const batch = (events: readonly EventEnvelope[], manager: EntityManager) => {
    before();
    return insert(manager, events);
  };
  const handle = (event: EventEnvelope, manager: EntityManager) => batch([event], manager);
  return Object.assign(handle, { batch, contracts: [userLogin] });
}

/** The transport, and a count of events whose effects are committed. */
export interface CountingTransport extends EventTransport {
  /** Resolves when `total` events have taken effect since the last call. */
  taken(total: number): Promise<void>;
}

/** Counts what a consumer of `transport` has taken. */
export function countTaken(transport: EventTransport): CountingTransport {
  let count = 0;
  let waiting: { readonly total: number; readonly resolve: () => void } | undefined;
  const look = () => {
    if (waiting === undefined || count < waiting.total) return;
    waiting.resolve();
    waiting = undefined;
    count = 0;
  };
  return {
    ...transport,
    subscribe: (topics, options) =>
      transport.subscribe(topics, {
        ...options,
        onBatch: async (batch) => {
          await options.onBatch(batch);
          count += batch.length;
          look();
        },
      }),
    taken: (total) =>
      new Promise((resolve) => {
        waiting = { total, resolve };
        look();
      }),
  };
}
