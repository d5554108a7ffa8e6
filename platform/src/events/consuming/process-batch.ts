import type { EntityManager } from 'typeorm';
import type { EventEnvelope } from '../envelope.js';
import { announceDeath } from './bury-events.js';
import { handleEvent, handleEvents } from './event-processing.js';
import type { Processing } from './event-processing.js';
import { describeError, parkEvents, readBlockedKeys } from './parked-events.js';
import type { NewParkedEvent } from './parked-events.js';
import { judgeFailure } from './retry-policy.js';

/** What became of a batch. */
export interface BatchOutcome {
  readonly handled: readonly EventEnvelope[];
  /** Failed, or wait behind one that did. */
  readonly parked: readonly NewParkedEvent[];
  /** Had been seen before. */
  readonly duplicates: number;
}

/** Work for the transaction of a batch, when its events are done. */
export type AlsoInTransaction = (manager: EntityManager, outcome: BatchOutcome) => Promise<void>;

const NOTHING: BatchOutcome = { handled: [], parked: [], duplicates: 0 };

/**
 * Takes effect of a batch in one transaction: the inbox tells which events are new, handlers run, failures are parked.
 * Events that are not the group's business are passed over without a trace. Rejects when the transaction as a whole
 * fails (the database is gone, a deferred constraint): then nothing happened.
 *
 * Nearly always all handlers succeed, so they first run without savepoints, which saves a round trip an event. If one
 * fails, all is rolled back and done again with a savepoint each.
 */
export async function processBatch(
  processing: Processing,
  batch: readonly EventEnvelope[],
  also?: AlsoInTransaction,
): Promise<BatchOutcome> {
  const wanted = batch.filter(({ type }) => processing.wants(type));
  if (wanted.length === 0) return NOTHING;
  const outcome = await attempt(processing, wanted, also);
  tell(processing, outcome);
  return outcome;
}

async function attempt(
  processing: Processing,
  batch: readonly EventEnvelope[],
  also: AlsoInTransaction | undefined,
): Promise<BatchOutcome> {
  try {
    return await inTransaction(processing, { batch, runHandlers: runUnguarded, also });
  } catch {
    // Whatever it was, it happens again below, where it is known which event it belongs to.
    return inTransaction(processing, { batch, runHandlers: runGuarded, also });
  }
}

function tell({ metrics, afterCommit }: Processing, { handled, parked, duplicates }: BatchOutcome): void {
  metrics.handled(handled);
  metrics.duplicates(duplicates);
  metrics.failed(parked.filter(({ error }) => error !== null).length);
  metrics.died(parked.filter(({ state }) => state === 'dead').length);
  if (handled.length > 0) afterCommit(handled);
}

type RunHandlers = (
  processing: Processing,
  work: { readonly manager: EntityManager; readonly events: readonly EventEnvelope[]; readonly blocked: Set<string> },
) => Promise<readonly NewParkedEvent[]>;

function inTransaction(
  processing: Processing,
  {
    batch,
    runHandlers,
    also,
  }: {
    readonly batch: readonly EventEnvelope[];
    readonly runHandlers: RunHandlers;
    readonly also: AlsoInTransaction | undefined;
  },
): Promise<BatchOutcome> {
  const { dataSource, group, ordering } = processing;
  return dataSource.transaction(async (manager) => {
    const fresh = await enterInbox(manager, group, batch);
    const duplicates = batch.length - fresh.length;
    if (fresh.length === 0) return { ...NOTHING, duplicates };
    // After the inbox: it has waited for whoever processed a part of this batch until now, and may have parked events.
    const blocked =
      ordering === 'key'
        ? await readBlockedKeys(manager, group, [...new Set(fresh.map(({ key }) => key))])
        : new Set<string>();
    const parked = await runHandlers(processing, { manager, events: fresh, blocked });
    const parkedAt = await parkEvents(manager, group, parked);
    for (const { envelope: event, attempt: attempts, error, state } of parked) {
      if (state === 'dead' && error !== null && parkedAt !== undefined)
        await announceDeath(manager, processing, { event, attempts, error, diedAt: parkedAt });
    }
    const aside = new Set(parked.map(({ envelope }) => envelope));
    const outcome = { handled: fresh.filter((event) => !aside.has(event)), parked, duplicates };
    await also?.(manager, outcome);
    return outcome;
  });
}

/** Records an event as seen and parks it without calling its handler: for one that breaks the transaction itself. */
export async function parkOutright(
  processing: Processing,
  {
    event,
    error,
    also,
  }: { readonly event: EventEnvelope; readonly error: unknown; readonly also?: AlsoInTransaction | undefined },
): Promise<BatchOutcome> {
  const runHandlers: RunHandlers = () => Promise.resolve([failed(processing, event, error)]);
  const outcome = await inTransaction(processing, { batch: [event], runHandlers, also });
  tell(processing, outcome);
  return outcome;
}

async function enterInbox(
  manager: EntityManager,
  group: string,
  batch: readonly EventEnvelope[],
): Promise<readonly EventEnvelope[]> {
  // In the order of ids: whoever else enters the same events, a replay for instance, waits and does not deadlock.
  const rows: readonly { readonly event_id: string }[] = await manager.query(
    `INSERT INTO inbox (grp, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS event (id) ORDER BY id
     ON CONFLICT (grp, event_id) DO NOTHING RETURNING event_id`,
    [group, batch.map(({ id }) => id)],
  );
  const fresh = new Set(rows.map(({ event_id }) => event_id));
  // `delete`: an event that is in the batch twice is taken once.
  return batch.filter(({ id }) => fresh.delete(id));
}

const waitsBehind = (envelope: EventEnvelope): NewParkedEvent => ({ envelope, attempt: 0, delayMs: 0, error: null });

function failed({ group, retry, logger }: Processing, envelope: EventEnvelope, error: unknown): NewParkedEvent {
  const verdict = judgeFailure(retry, error);
  const { state, attempt: attempts } = verdict;
  const delayMs = verdict.state === 'retry' ? verdict.delayMs : 0;
  const details = { err: error, group, eventId: envelope.id, type: envelope.type, attempt: attempts };
  if (state === 'dead') logger.error(details, 'event is dead');
  else logger.warn({ ...details, delayMs }, 'event failed and is parked');
  return { envelope, attempt: attempts, delayMs, error: describeError(error), state };
}

const runUnguarded: RunHandlers = async (processing, { manager, events, blocked }) => {
  const free = blocked.size === 0 ? events : events.filter(({ key }) => !blocked.has(key));
  await handleEvents(processing, free, manager);
  return blocked.size === 0 ? [] : events.filter(({ key }) => blocked.has(key)).map(waitsBehind);
};

const runGuarded: RunHandlers = async (processing, { manager, events, blocked }) => {
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
      const failure = failed(processing, event, error);
      parked.push(failure);
      if (processing.ordering === 'key' && failure.state === 'retry') blocked.add(event.key);
    }
  }
  return parked;
};
