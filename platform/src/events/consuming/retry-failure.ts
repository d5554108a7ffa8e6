import type { EntityManager } from 'typeorm';
import { announceDeath } from './bury-events.js';
import type { ClaimedEvent } from './claim-parked.js';
import type { Processing } from './event-processing.js';
import { describeError } from './parked-events.js';
import { judgeFailure } from './retry-policy.js';
import type { FailureVerdict } from './retry-policy.js';

/** A parked event that failed once more. */
export interface RetryFailure {
  readonly event: ClaimedEvent;
  readonly error: unknown;
  readonly verdict: FailureVerdict;
}

/** What becomes of an event that failed again. */
export function judgeRetry({ retry }: Processing, event: ClaimedEvent, error: unknown): RetryFailure {
  const { attempt, parkedForMs } = event;
  return { event, error, verdict: judgeFailure(retry, error, { attempt, parkedForMs }) };
}

/** Counts the attempt and sets the time of the next, or buries the event. False when another process has done that. */
export async function writeDownFailure(
  manager: EntityManager,
  processing: Processing,
  { event: { envelope, attempt }, error, verdict }: RetryFailure,
): Promise<boolean> {
  const description = describeError(error);
  // The clock at the failure, not at the start of the transaction, which others may have made long.
  const [[row]]: [readonly { readonly changed_at: Date }[], number] = await manager.query(
    `UPDATE parked_events SET state = $4, attempt = $5, error = $6, next_at = moment.at + $7 * interval '1 ms',
       changed_at = moment.at, redrive = CASE WHEN $4 = 'dead' THEN NULL ELSE redrive END
     FROM (SELECT clock_timestamp() AS at) moment
     WHERE grp = $1 AND event_id = $2 AND attempt = $3 AND state = 'retry' AND next_at <= moment.at RETURNING changed_at`,
    [processing.group, envelope.id, attempt, verdict.state, verdict.attempt, description, delayOf(verdict)],
  );
  if (row === undefined) return false;
  if (verdict.state === 'dead') {
    const death = { event: envelope, attempts: verdict.attempt, error: description, diedAt: row.changed_at };
    await announceDeath(manager, processing, death);
  }
  return true;
}

/** Tells the log and the metrics, when it is committed. */
export function tellFailure(
  { group, metrics, logger }: Processing,
  { event: { envelope }, error, verdict }: RetryFailure,
): void {
  metrics.failed(1);
  const details = { err: error, group, eventId: envelope.id, type: envelope.type, attempt: verdict.attempt };
  if (verdict.state === 'dead') {
    metrics.died(1);
    logger.error(details, 'event is dead');
  } else {
    logger.warn({ ...details, delayMs: verdict.delayMs }, 'event failed again');
  }
}

function delayOf(verdict: FailureVerdict): number {
  return verdict.state === 'retry' ? verdict.delayMs : 0;
}
