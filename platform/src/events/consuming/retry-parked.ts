import { announceDeath } from './bury-events.js';
import { claimDueEvents } from './claim-parked.js';
import type { ClaimedEvent } from './claim-parked.js';
import { handleEvents } from './event-processing.js';
import type { Processing } from './event-processing.js';
import { describeError } from './parked-events.js';
import { announceProcessed } from '../operations/redrive-answer.js';
import { judgeFailure } from './retry-policy.js';

/** Events in one transaction at the most. */
const MAX_BATCH = 100;
/** A transaction holds rows that operators may want to change: when it takes longer, the next one is smaller. */
const LONG_TRANSACTION_MS = 1_000;

/**
 * Retries events that are due and that no other process works on, until there are none or `goOn` says no. False when
 * there was nothing to do.
 *
 * It begins with one event, so that one that fails again costs nothing but itself. After each success it takes twice as
 * many in a transaction: what waited behind a key, or was parked in an outage, drains fast. After a failure it takes
 * them singly again, which finds the one to blame.
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

/**
 * Claim, handlers and success are one transaction. The failure of a single event is written down in another one, so
 * that it counts whatever broke; of several, nothing is written down. A process that dies in between leaves them due,
 * as if they had not been tried.
 */
async function retryBatch(processing: Processing, limit: number): Promise<'nothing' | 'succeeded' | 'failed'> {
  const { dataSource, metrics, afterCommit } = processing;
  let claimed: readonly ClaimedEvent[] = [];
  try {
    await dataSource.transaction(async (manager) => {
      claimed = await claimDueEvents(manager, processing, limit);
      if (claimed.length === 0) return;
      const envelopes = claimed.map(({ envelope }) => envelope);
      await handleEvents(processing, envelopes, manager);
      await manager.query(
        `UPDATE parked_events SET state = 'done', attempt = attempt + 1, changed_at = now(), redrive = NULL
         WHERE grp = $1 AND event_id = ANY($2)`,
        [processing.group, envelopes.map(({ id }) => id)],
      );
      for (const event of claimed) await announceProcessed(manager, processing, event);
    });
  } catch (error) {
    const [only] = claimed;
    if (only === undefined) throw error;
    if (claimed.length === 1) await recordFailure(processing, only, error);
    return 'failed';
  }
  if (claimed.length === 0) return 'nothing';
  const handled = claimed.map(({ envelope }) => envelope);
  metrics.handled(handled);
  afterCommit(handled);
  return 'succeeded';
}

async function recordFailure(
  processing: Processing,
  { envelope, attempt, parkedForMs }: ClaimedEvent,
  error: unknown,
): Promise<void> {
  const { dataSource, group, retry, metrics, logger } = processing;
  const verdict = judgeFailure(retry, error, { attempt, parkedForMs });
  const delayMs = verdict.state === 'retry' ? verdict.delayMs : 0;
  const description = describeError(error);
  const recorded = await dataSource.transaction(async (manager) => {
    // `attempt` and `next_at`: when another process has tried it meanwhile, that attempt has been counted instead.
    const [[row]]: [readonly { readonly changed_at: Date }[], number] = await manager.query(
      `UPDATE parked_events SET state = $4, attempt = $5, error = $6, next_at = now() + $7 * interval '1 ms',
         changed_at = now(), redrive = CASE WHEN $4 = 'dead' THEN NULL ELSE redrive END
       WHERE grp = $1 AND event_id = $2 AND attempt = $3 AND state = 'retry' AND next_at <= now() RETURNING changed_at`,
      [group, envelope.id, attempt, verdict.state, verdict.attempt, description, delayMs],
    );
    if (row === undefined) return false;
    if (verdict.state === 'dead') {
      const death = { event: envelope, attempts: verdict.attempt, error: description, diedAt: row.changed_at };
      await announceDeath(manager, processing, death);
    }
    return true;
  });
  if (!recorded) return;
  metrics.failed(1);
  const details = { err: error, group, eventId: envelope.id, type: envelope.type, attempt: verdict.attempt };
  if (verdict.state === 'dead') {
    metrics.died(1);
    logger.error(details, 'event is dead');
  } else {
    logger.warn({ ...details, delayMs }, 'event failed again');
  }
}
