import { z } from 'zod';
import { defineEvent } from '../events/contract.js';
import { id } from './fields.js';

/** A consumer group gave up on an event; operators can drive it again or discard it. */
export const eventDeadLettered = defineEvent({
  type: 'dev.orion.event.dead_lettered.v1',
  owner: 'system',
  description: 'A consumer group gave up on an event after its last attempt. Published by the service of the group.',
  schema: z.object({
    group: z.string().min(1).describe('Consumer group that could not process the event.'),
    eventId: id('Id of the event.'),
    eventType: z.string().min(1).describe('Type of the event.'),
    error: z.string().describe('What the last attempt failed with, for operators.'),
  }),
  key: ({ eventId }) => eventId,
});

/** Everything that the platform itself publishes. */
export const systemEvents = [eventDeadLettered] as const;
