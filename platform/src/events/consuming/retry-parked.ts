import type { EntityManager } from 'typeorm';
import { announceProcessed } from '../operations/redrive-answer.js';
import { claimDueEvents } from './claim-parked.js';
import type { ClaimedEvent } from './claim-parked.js';
import { handleEvent, handleEvents } from './event-processing.js';
import type { Processing } from './event-processing.js';
import { judgeRetry, tellFailure, writeDownFailure } from './retry-failure.js';
import type { RetryFailure } from './retry-failure.js';

/** Events in one transaction at the most. */
const MAX_BATCH = 100;
/** A transaction holds rows that operators may want to change: when it takes longer, the next one is smaller. */
const LONG_TRANSACTION_MS = 1_000;

/**
 * Retries events that are due and that no other process works on, until there are none or `goOn` says no. False when
 * there was nothing to do.
 *
 * It begins with one event and takes twice as many in each transaction: what waited behind a key, or was parked in an
 * outage, drains fast, also when some of it fails again.
 */
export async function retryDueEvents(processing: Processing, goOn: () => boolean): Promise<boolean> {
  let size = 1;
  let worked = false;
  while (goOn()) {
    const began = performance.now();
    const result = await retryBatch(processing, size);
    if (result === 'nothing') return worked;
    worked = true;
    if (result === 'failed') size = 1;
    else size = performance.now() - began < LONG_TRANSACTION_MS ? Math.min(MAX_BATCH, size * 2) : Math.ceil(size / 2);
  }
  return worked;
}

/** What a transaction did. `attempted` has what was claimed also when it was rolled back. */
interface Batch {
  readonly attempted: readonly ClaimedEvent[];
  readonly succeeded: readonly ClaimedEvent[];
  readonly failed: readonly RetryFailure[];
}

/**
 * Claim, handlers and success are one transaction. It first runs without savepoints; when something fails, again with a
 * savepoint each, so that those who fail do not hold up the others. The failure of a single event is written down in a
 * transaction of its own, so that it counts whatever broke. `failed`: the transaction as a whole, for whatever reason;
 * singly it will be found. A process that dies in between leaves them due, as if they had not been tried.
 */
async function retryBatch(processing: Processing, limit: number): Promise<'nothing' | 'done' | 'failed'> {
  const first = await runBatch(processing, limit, handleAll);
  if ('batch' in first) return tell(processing, first.batch);
  const [only, ...others] = first.attempted;
  // Not even the claim succeeded: the database is away.
  if (only === undefined) throw first.error;
  if (others.length > 0) {
    const second = await runBatch(processing, limit, handleEach);
    return 'batch' in second ? tell(processing, second.batch) : 'failed';
  }
  const failure = judgeRetry(processing, only, first.error);
  const isRecorded = await processing.dataSource.transaction((manager) =>
    writeDownFailure(manager, processing, failure),
  );
  if (isRecorded) tellFailure(processing, failure);
  return 'done';
}

function tell(processing: Processing, { attempted, succeeded, failed }: Batch): 'nothing' | 'done' {
  if (attempted.length === 0) return 'nothing';
  const handled = succeeded.map(({ envelope }) => envelope);
  if (handled.length > 0) {
    processing.metrics.handled(handled);
    processing.afterCommit(handled);
  }
  for (const failure of failed) tellFailure(processing, failure);
  return 'done';
}

type RunHandlers = (
  manager: EntityManager,
  processing: Processing,
  events: readonly ClaimedEvent[],
) => Promise<Pick<Batch, 'succeeded' | 'failed'>>;

async function runBatch(
  processing: Processing,
  limit: number,
  run: RunHandlers,
): Promise<{ readonly batch: Batch } | { readonly error: unknown; readonly attempted: readonly ClaimedEvent[] }> {
  let attempted: readonly ClaimedEvent[] = [];
  try {
    const batch = await processing.dataSource.transaction(async (manager) => {
      attempted = await claimDueEvents(manager, processing, limit);
      if (attempted.length === 0) return { attempted, succeeded: [], failed: [] };
      const { succeeded, failed } = await run(manager, processing, attempted);
      await markDone(manager, processing, succeeded);
      return { attempted, succeeded, failed };
    });
    return { batch };
  } catch (error) {
    return { error, attempted };
  }
}

const handleAll: RunHandlers = async (manager, processing, events) => {
  const envelopes = events.map(({ envelope }) => envelope);
  await handleEvents(processing, envelopes, manager);
  return { succeeded: events, failed: [] };
};

const handleEach: RunHandlers = async (manager, processing, events) => {
  const succeeded: ClaimedEvent[] = [];
  const failed: RetryFailure[] = [];
  const blocked = new Set<string>();
  await manager.query('SAVEPOINT orion_retry');
  for (const event of events) {
    // Left as it is: it waits behind the one that failed.
    if (blocked.has(event.envelope.key)) continue;
    try {
      await handleEvent(processing, event.envelope, manager);
      // Finds out a handler that swallowed an error, too.
      await manager.query('RELEASE SAVEPOINT orion_retry; SAVEPOINT orion_retry');
      succeeded.push(event);
    } catch (error) {
      // Rejects when the connection is gone: then it was not the event's fault.
      await manager.query('ROLLBACK TO SAVEPOINT orion_retry');
      const failure = judgeRetry(processing, event, error);
      await writeDownFailure(manager, processing, failure);
      failed.push(failure);
      if (processing.ordering === 'key' && failure.verdict.state === 'retry') blocked.add(event.envelope.key);
      await manager.query('RELEASE SAVEPOINT orion_retry; SAVEPOINT orion_retry');
    }
  }
  return { succeeded, failed };
};

async function markDone(
  manager: EntityManager,
  processing: Processing,
  events: readonly ClaimedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await manager.query(
    `UPDATE parked_events SET state = 'done', attempt = attempt + 1, changed_at = now(), redrive = NULL
     WHERE grp = $1 AND event_id = ANY($2)`,
    [processing.group, events.map(({ envelope }) => envelope.id)],
  );
  for (const event of events) await announceProcessed(manager, processing, event);
}
