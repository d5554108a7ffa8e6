import type { EntityManager } from 'typeorm';
import type { EventEnvelope } from './envelope.js';
import { handleEvent, retryDelay } from './event-processing.js';
import type { Processing } from './event-processing.js';
import { describeError, parkEvents, readBlockedKeys } from './parked-events.js';
import type { NewParkedEvent } from './parked-events.js';

/**
 * Takes effect of a batch in one transaction: the inbox tells which events are new, handlers run, failures are parked.
 * Returns how many were parked. Rejects when the transaction as a whole fails (the database is gone, a deferred
 * constraint): then nothing happened.
 *
 * Nearly always all handlers succeed, so they first run without savepoints, which saves a round trip an event. If one
 * fails, all is rolled back and done again with a savepoint each.
 */
export async function processBatch(processing: Processing, batch: readonly EventEnvelope[]): Promise<number> {
  try {
    return await inTransaction(processing, batch, runUnguarded);
  } catch {
    // Whatever it was, it happens again below, where it is known which event it belongs to.
    return inTransaction(processing, batch, runGuarded);
  }
}

type RunHandlers = (
  processing: Processing,
  work: { readonly manager: EntityManager; readonly events: readonly EventEnvelope[]; readonly blocked: Set<string> },
) => Promise<readonly NewParkedEvent[]>;

function inTransaction(
  processing: Processing,
  batch: readonly EventEnvelope[],
  runHandlers: RunHandlers,
): Promise<number> {
  return processing.dataSource.transaction(async (manager) => {
    const fresh = await enterInbox(manager, processing.group, batch);
    if (fresh.length === 0) return 0;
    // After the inbox: it has waited for whoever processed a part of this batch until now, and may have parked events.
    const blocked =
      processing.ordering === 'key'
        ? await readBlockedKeys(manager, processing.group, [...new Set(fresh.map(({ key }) => key))])
        : new Set<string>();
    const parked = await runHandlers(processing, { manager, events: fresh, blocked });
    await parkEvents(manager, processing.group, parked);
    return parked.length;
  });
}

/** Records an event as seen and parks it without calling its handler: for one that breaks the transaction itself. */
export function parkOutright(processing: Processing, envelope: EventEnvelope, error: unknown): Promise<void> {
  const { group, retry } = processing;
  return processing.dataSource.transaction(async (manager) => {
    const fresh = await enterInbox(manager, group, [envelope]);
    if (fresh.length === 0) return;
    await parkEvents(manager, group, [
      { envelope, attempt: 1, delayMs: retryDelay(retry, 1), error: describeError(error) },
    ]);
  });
}

async function enterInbox(
  manager: EntityManager,
  group: string,
  batch: readonly EventEnvelope[],
): Promise<readonly EventEnvelope[]> {
  const rows: readonly { readonly event_id: string }[] = await manager.query(
    `INSERT INTO inbox (grp, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS event (id)
     ON CONFLICT (grp, event_id) DO NOTHING RETURNING event_id`,
    [group, batch.map(({ id }) => id)],
  );
  const fresh = new Set(rows.map(({ event_id }) => event_id));
  // `delete`: an event that is in the batch twice is taken once.
  return batch.filter(({ id }) => fresh.delete(id));
}

const waitsBehind = (envelope: EventEnvelope): NewParkedEvent => ({ envelope, attempt: 0, delayMs: 0, error: null });

const runUnguarded: RunHandlers = async (processing, { manager, events, blocked }) => {
  const parked: NewParkedEvent[] = [];
  for (const event of events) {
    if (blocked.has(event.key)) parked.push(waitsBehind(event));
    else await handleEvent(processing, event, manager);
  }
  // Rejects when a handler swallowed the error of a statement: a COMMIT now would be a ROLLBACK that reports success.
  await manager.query('SELECT 1');
  return parked;
};

const runGuarded: RunHandlers = async (processing, { manager, events, blocked }) => {
  const { group, ordering, retry, logger } = processing;
  const parked: NewParkedEvent[] = [];
  await manager.query('SAVEPOINT orion_event');
  for (const event of events) {
    if (blocked.has(event.key)) {
      parked.push(waitsBehind(event));
      continue;
    }
    try {
      await handleEvent(processing, event, manager);
      // Finds out a handler that swallowed an error, too.
      await manager.query('RELEASE SAVEPOINT orion_event; SAVEPOINT orion_event');
    } catch (error) {
      // Rejects when the connection is gone: then it was not the event's fault, and the batch comes again.
      await manager.query('ROLLBACK TO SAVEPOINT orion_event');
      const delayMs = retryDelay(retry, 1);
      logger.warn(
        { err: error, group, eventId: event.id, type: event.type, attempt: 1, delayMs },
        'event failed and is parked',
      );
      parked.push({ envelope: event, attempt: 1, delayMs, error: describeError(error) });
      if (ordering === 'key') blocked.add(event.key);
    }
  }
  return parked;
};
