import type { EntityManager } from 'typeorm';
import { eventDeadLettered } from '../event-contracts/system.js';
import { runCausedBy } from './causation.js';
import type { EventEnvelope } from './envelope.js';
import { causeOf, handleEvent, retryDelay } from './event-processing.js';
import type { Processing } from './event-processing.js';
import { publish } from './outbox.js';
import { describeError } from './parked-events.js';

interface ClaimedEvent {
  readonly envelope: EventEnvelope;
  readonly attempt: number;
}

/** Under `ordering: 'key'` only the first of a key is eligible, also while another process is busy with it. */
const FIRST_OF_KEY = `AND NOT EXISTS (
  SELECT 1 FROM parked_events earlier
  WHERE earlier.grp = parked.grp AND earlier.key = parked.key AND earlier.state = 'retry' AND earlier.seq < parked.seq)`;

/** How long until an event of the group is due, in milliseconds (0: now); undefined when nothing waits. */
export async function readNextDue({ dataSource, group, ordering }: Processing): Promise<number | undefined> {
  const waiting =
    ordering === 'key'
      ? `SELECT DISTINCT ON (key) next_at FROM parked_events WHERE grp = $1 AND state = 'retry' ORDER BY key, seq`
      : `SELECT next_at FROM parked_events WHERE grp = $1 AND state = 'retry'`;
  const rows: readonly { readonly due: number | null }[] = await dataSource.query(
    `SELECT (extract(epoch FROM min(next_at) - clock_timestamp()) * 1000)::float8 AS due FROM (${waiting}) waiting`,
    [group],
  );
  const due = rows[0]?.due ?? undefined;
  return due === undefined ? undefined : Math.max(0, due);
}

/**
 * Retries one event that is due and that no other process works on, and then, under `ordering: 'key'`, those that wait
 * behind it, while they succeed and `goOn` says so. False when there was nothing to do.
 */
export async function retryDueEvents(processing: Processing, goOn: () => boolean): Promise<boolean> {
  let last = await retryOne(processing, undefined);
  if (last === undefined) return false;
  while (last?.succeeded === true && processing.ordering === 'key' && goOn())
    last = await retryOne(processing, last.key);
  return true;
}

/**
 * Claim, handler and success are one transaction; a failure is written down in another one, so that it counts whatever
 * broke. A process that dies in between leaves the event due, as if it had not been tried.
 */
async function retryOne(
  processing: Processing,
  key: string | undefined,
): Promise<{ readonly key: string; readonly succeeded: boolean } | undefined> {
  let claimed: ClaimedEvent | undefined;
  try {
    await processing.dataSource.transaction(async (manager) => {
      claimed = await claim(manager, processing, key);
      if (claimed === undefined) return;
      await handleEvent(processing, claimed.envelope, manager);
      await manager.query(
        `UPDATE parked_events SET state = 'done', attempt = $3, changed_at = now() WHERE grp = $1 AND event_id = $2`,
        [processing.group, claimed.envelope.id, claimed.attempt + 1],
      );
    });
  } catch (error) {
    if (claimed === undefined) throw error;
    await recordFailure(processing, claimed, error);
    return { key: claimed.envelope.key, succeeded: false };
  }
  return claimed && { key: claimed.envelope.key, succeeded: true };
}

async function claim(
  manager: EntityManager,
  { group, ordering }: Processing,
  key: string | undefined,
): Promise<ClaimedEvent | undefined> {
  const rows: readonly ClaimedEvent[] = await manager.query(
    `SELECT envelope, attempt FROM parked_events parked
     WHERE grp = $1 AND state = 'retry' AND next_at <= now() ${key === undefined ? '' : 'AND key = $2'}
     ${ordering === 'key' ? FIRST_OF_KEY : ''}
     ORDER BY next_at, seq LIMIT 1 FOR UPDATE SKIP LOCKED`,
    key === undefined ? [group] : [group, key],
  );
  return rows[0];
}

async function recordFailure(
  processing: Processing,
  { envelope, attempt }: ClaimedEvent,
  error: unknown,
): Promise<void> {
  const { dataSource, group, retry, logger } = processing;
  const attempts = attempt + 1;
  const dead = attempts >= retry.maxAttempts;
  const delayMs = dead ? 0 : retryDelay(retry, attempts);
  const description = describeError(error);
  const details = { err: error, group, eventId: envelope.id, type: envelope.type, attempt: attempts };
  await dataSource.transaction(async (manager) => {
    // `attempt`: when another process has tried it meanwhile, that attempt has been counted instead.
    const [, counted]: [unknown, number] = await manager.query(
      `UPDATE parked_events SET state = $4, attempt = $5, error = $6, next_at = now() + $7 * interval '1 ms', changed_at = now()
       WHERE grp = $1 AND event_id = $2 AND attempt = $3 AND state = 'retry'`,
      [group, envelope.id, attempt, dead ? 'dead' : 'retry', attempts, description, delayMs],
    );
    if (!dead || counted === 0) return;
    // Its own death notice is not announced again: a group that cannot process notices would go on for ever.
    if (envelope.type === eventDeadLettered.type) return;
    const notice = eventDeadLettered.of({ group, eventId: envelope.id, eventType: envelope.type, error: description });
    await runCausedBy(causeOf(envelope), () => publish(manager, [notice]));
  });
  if (dead) logger.error(details, 'event is dead');
  else logger.warn({ ...details, delayMs }, 'event failed again');
}

/** Deletes what deduplication and operators no longer need. */
export async function pruneConsumer({ dataSource, group }: Processing, keepDays: number): Promise<void> {
  await dataSource.query(`DELETE FROM inbox WHERE grp = $1 AND seen_at < now() - make_interval(days => $2)`, [
    group,
    keepDays,
  ]);
  await dataSource.query(
    `DELETE FROM parked_events WHERE grp = $1 AND state = 'done' AND changed_at < now() - make_interval(days => $2)`,
    [group, keepDays],
  );
}
