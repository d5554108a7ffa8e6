import { deadLetterSettled, eventDeadLettered, userDeleted } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { forgetPerson, recordDeath, recordSettlement } from './dead-letter-record.js';

/** Keeps the view of what all groups of all services gave up on. */
export function deadLetterRoutes(): readonly EventRoute[] {
  return [
    on(eventDeadLettered, (event, manager) => recordDeath(manager, event)),
    on(deadLetterSettled, (event, manager) => recordSettlement(manager, event)),
    on(userDeleted, ({ data }, manager) => forgetPerson(manager, data.userId)),
  ];
}
