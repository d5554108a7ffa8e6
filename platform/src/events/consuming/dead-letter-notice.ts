import { eventDeadLettered } from '../../event-contracts/dead-letter.js';
import type { PendingEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';

/** Beside the dead event: the rest of the notice and its own envelope. An error text of 4 000 characters is 24 KB at most. */
const ROOM_FOR_NOTICE = 64 * 1024;

/**
 * The notice that a group gave up on `event`. It can always be published: an event that is too large for a message
 * around it, which only a foreign producer can have made, is left out, and the notice says so.
 */
export function deadLetterNotice(death: {
  readonly service: string;
  readonly group: string;
  /** Calls of the handler. */
  readonly attempts: number;
  /** As `describeError` makes it. */
  readonly error: string;
  readonly diedAt: Date;
  readonly event: EventEnvelope;
}): PendingEvent {
  const { service, group, attempts, error, diedAt, event } = death;
  const fits = Buffer.byteLength(JSON.stringify(event)) <= eventDeadLettered.maxBytes - ROOM_FOR_NOTICE;
  return eventDeadLettered.of({
    group,
    eventId: event.id,
    eventType: event.type === '' ? 'unknown' : event.type,
    error,
    service,
    attempts,
    diedAt: diedAt.toISOString(),
    ...(fits ? { event } : { eventTooLarge: true }),
  });
}
