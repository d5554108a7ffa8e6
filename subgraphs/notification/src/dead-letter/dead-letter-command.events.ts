import { deadLetterDiscardRequested, deadLetterRedriveRequested } from '@orion/platform/event-contracts';
import type { PendingEvent } from '@orion/platform/events';
import { auditOf } from '../operator/operator.js';
import type { Operator } from '../operator/operator.js';
import { DeadLetterOperationKind } from './dead-letter-operation.entity.js';

/** Of one request to one service. */
const EVENTS_OF_COMMAND = 500;

/** What to do with a selection of dead letters. */
export type BulkOperation =
  | { readonly kind: DeadLetterOperationKind.REDRIVE }
  | { readonly kind: DeadLetterOperationKind.DISCARD; readonly reason: string };

/** A dead letter that an operation was accepted for. */
export interface MarkedLetter {
  readonly id: string;
  readonly group: string;
  readonly eventId: string;
}

/** Letters of one group, asked for with one event. */
export interface Command {
  readonly group: string;
  readonly letters: readonly MarkedLetter[];
}

/** Groups letters into requests of a moderate size. */
export function toCommands(letters: readonly MarkedLetter[]): readonly Command[] {
  const byGroup = new Map<string, MarkedLetter[]>();
  for (const letter of letters) {
    const ofGroup = byGroup.get(letter.group);
    if (ofGroup === undefined) byGroup.set(letter.group, [letter]);
    else ofGroup.push(letter);
  }
  return [...byGroup].flatMap(([group, ofGroup]) =>
    Array.from({ length: Math.ceil(ofGroup.length / EVENTS_OF_COMMAND) }, (_, index) => ({
      group,
      letters: ofGroup.slice(index * EVENTS_OF_COMMAND, (index + 1) * EVENTS_OF_COMMAND),
    })),
  );
}

/** The event that asks the service of the group. */
export function commandEvent({ group, letters }: Command, operation: BulkOperation, operator: Operator): PendingEvent {
  const request = { group, eventIds: letters.map(({ eventId }) => eventId), requestedById: operator.userId };
  return operation.kind === DeadLetterOperationKind.REDRIVE
    ? deadLetterRedriveRequested.of(request)
    : deadLetterDiscardRequested.of({ ...request, reason: operation.reason });
}

/** The record of it for the audit log. */
export function auditEvent({ group, letters }: Command, operation: BulkOperation, operator: Operator): PendingEvent {
  const isRedrive = operation.kind === DeadLetterOperationKind.REDRIVE;
  return auditOf(operator, {
    action: isRedrive ? 'dead_letter.redrive_requested' : 'dead_letter.discard_requested',
    targets: letters.map(({ eventId }) => ({ type: 'event', id: eventId })),
    reason: isRedrive ? null : operation.reason,
    details: { group },
  });
}
