import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { consumerGroup, id, instant, requestedById, serviceName } from './fields.js';

/**
 * Room for an event of the platform within another one. It stays below the 1 MiB that a Kafka broker takes by default.
 */
const MAX_BYTES_AROUND_EVENT = 512 * 1024;

const eventId = () => id('Id of the event.');
const byEvent = ({ eventId: key }: { readonly eventId: string }) => key;
const byGroup = ({ group: key }: { readonly group: string }) => key;
const eventIds = () =>
  z
    .array(id('Id of a dead event.'))
    .min(1)
    .max(1_000)
    .describe('Ids of dead events of the group. Those that are not dead any more are answered with "gone".');

/** An envelope within data. `data` is whatever came: it may break the contract of its type, or have none. */
const envelope = z.object({
  id: id('Id of the event, a UUID.'),
  type: z.string().describe('Type of the event; "unknown" for a foreign one that has none.'),
  source: z.string().describe('Who produced it, as a URI reference.'),
  topic: z.string().describe('Topic that it came from.'),
  key: z.string().describe('Id of the aggregate that it is about.'),
  time: z.string().describe('When it happened.'),
  correlationId: z.string().describe('Id of the request or process that started it all.'),
  causationId: z.string().describe('Id of the event or request that caused it.'),
  actorId: z.string().nullable().describe('Id of the user who acted, null for the system.'),
  traceparent: z.string().nullable().exactOptional().describe('W3C trace context, null when there is none.'),
  data: z.unknown().describe('Data of the event, as the group was given it.'),
});

/**
 * A consumer group gave up on an event; operators can drive it again or discard it. `deadLetterNotice` makes one that
 * fits, whatever the size of the event.
 */
export const eventDeadLettered = defineEvent({
  type: 'dev.orion.event.dead_lettered.v1',
  owner: 'system',
  topic: 'orion.dlq',
  description: 'A consumer group gave up on an event after its last attempt. Published by the service of the group.',
  maxBytes: MAX_BYTES_AROUND_EVENT,
  schema: z.object({
    group: z.string().min(1).describe('Consumer group that could not process the event.'),
    eventId: eventId(),
    eventType: z.string().min(1).describe('Type of the event.'),
    error: z.string().describe('What the last attempt failed with, for operators.'),
    service: serviceName().exactOptional(),
    attempts: z.number().int().min(0).exactOptional().describe('How often the handler was called.'),
    diedAt: instant('When the group gave up.').exactOptional(),
    event: envelope.exactOptional().describe('The event itself; absent when it is too large for a message around it.'),
    eventTooLarge: z
      .literal(true)
      .exactOptional()
      .describe('Present when `event` is left out: only the service of the group can show it.'),
  }),
  key: byEvent,
});

/** Answered with `dead_letter.settled` for each event. */
export const deadLetterRedriveRequested = defineEvent({
  type: 'dev.orion.dead_letter.redrive_requested.v1',
  owner: 'system',
  description:
    'An operator wants dead events of a group to be tried again, with all their attempts. Carried out by the service of the group.',
  schema: z.object({ group: consumerGroup(), eventIds: eventIds(), requestedById: requestedById() }),
  key: byGroup,
});

/** Answered with `dead_letter.settled` for each event. */
export const deadLetterDiscardRequested = defineEvent({
  type: 'dev.orion.dead_letter.discard_requested.v1',
  owner: 'system',
  description: 'An operator gives up on dead events of a group for good. Carried out by the service of the group.',
  schema: z.object({
    group: consumerGroup(),
    eventIds: eventIds(),
    reason: z.string().min(1).max(1_000).describe('Why they need not take effect, for the audit log.'),
    requestedById: requestedById(),
  }),
  key: byGroup,
});

/** Answered with `dead_letter.settled`. */
export const deadLetterEditRequested = defineEvent({
  type: 'dev.orion.dead_letter.edit_requested.v1',
  owner: 'system',
  description: 'An operator replaces the data of a dead event of a group. Carried out by the service of the group.',
  maxBytes: MAX_BYTES_AROUND_EVENT,
  schema: z.object({
    group: consumerGroup(),
    eventId: eventId(),
    data: z.unknown().describe('The data to put in place of what the event carries.'),
    redrive: z.boolean().describe('True when the event is to be tried again at once.'),
    requestedById: requestedById(),
  }),
  key: byGroup,
});

/** On the topic of `event.dead_lettered` and with its key, so that what is told of one event comes in order. */
export const deadLetterSettled = defineEvent({
  type: 'dev.orion.dead_letter.settled.v1',
  owner: 'system',
  topic: 'orion.dlq',
  description:
    'Something became of a dead event of a group. Published by the service of the group in the transaction that did it; the causation id names the request.',
  schema: z.object({
    group: consumerGroup(),
    service: serviceName(),
    eventId: eventId(),
    outcome: z
      .enum(['redriven', 'discarded', 'edited', 'processed', 'refused', 'gone'])
      .describe(
        'redriven: waits for its next attempt; edited: has other data and is still dead; discarded: will not take effect; processed: took effect; refused: the request cannot be carried out, the reason says why; gone: the group has no such dead event (any more).',
      ),
    reason: z
      .string()
      .max(4_000)
      .nullable()
      .describe('Why, in the words of the operator, or of what refuses; or null.'),
    attempts: z.number().int().min(0).exactOptional().describe('How often the handler was called until then.'),
    requestedById: requestedById(),
    settledAt: instant('When it was done.'),
  }),
  key: byEvent,
});

/** What becomes of events that a group cannot process. */
export const deadLetterEvents = [
  eventDeadLettered,
  deadLetterRedriveRequested,
  deadLetterDiscardRequested,
  deadLetterEditRequested,
  deadLetterSettled,
] as const;
