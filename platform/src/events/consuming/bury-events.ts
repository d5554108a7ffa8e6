import type { EntityManager } from 'typeorm';
import { auditRecorded, eventDeadLettered } from '../../event-contracts/index.js';
import { uuidv7 } from '../../ids/index.js';
import { runCausedBy } from '../causation.js';
import type { PendingEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { publish } from '../publishing/outbox.js';
import { deadLetterNotice } from './dead-letter-notice.js';
import { causeOf } from './event-processing.js';
import type { Processing } from './event-processing.js';

/** An event that a group gives up on. */
export interface Death {
  readonly event: EventEnvelope;
  /** Calls of the handler. */
  readonly attempts: number;
  /** As `describeError` makes it. */
  readonly error: string;
  /** By the clock of the database, which counts the attempts, too. */
  readonly diedAt: Date;
}

/**
 * Announces a death in the transaction that marks the event dead: a notice on orion.dlq for operators, and a record for
 * the audit log.
 *
 * What announces deaths could announce itself for ever when nobody can process it. So the death of a notice is kept and
 * logged, and announced no more; that of an audit record has a notice and no audit record.
 */
export async function announceDeath(
  manager: EntityManager,
  { service, group }: Pick<Processing, 'service' | 'group'>,
  { event, attempts, error, diedAt }: Death,
): Promise<void> {
  if (event.type === eventDeadLettered.type) return;
  const announcements: PendingEvent[] = [deadLetterNotice({ service, group, attempts, error, diedAt, event })];
  if (event.type !== auditRecorded.type) {
    announcements.push(
      auditRecorded.of({
        auditId: uuidv7(),
        actorType: 'system',
        actorId: null,
        action: 'event.dead_lettered',
        outcome: 'failure',
        targets: [{ type: 'event', id: event.id }],
        service,
        reason: null,
        ip: null,
        userAgent: null,
        // Not the error: it may quote data that the readers of the audit log may not see.
        details: { group, eventType: event.type, attempts },
        occurredAt: diedAt.toISOString(),
      }),
    );
  }
  await runCausedBy(causeOf(event), () => publish(manager, announcements));
}
