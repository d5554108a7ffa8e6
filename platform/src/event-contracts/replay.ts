import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { consumerGroup, id, instant, requestedById, serviceName } from './fields.js';

const replayId = () => id('Id of the replay: a request that comes twice is carried out once.');
const byGroup = ({ group: key }: { readonly group: string }) => key;

/** Answered with `events.replayed`. */
export const eventsReplayRequested = defineEvent({
  type: 'dev.orion.events.replay_requested.v1',
  owner: 'system',
  description:
    'An operator wants a group to read the log again and to catch up on what it lacks. Carried out by the service of the group; what has taken effect does not so again.',
  schema: z.object({
    replayId: replayId(),
    group: consumerGroup(),
    from: z
      .union([
        z.literal('beginning'),
        z.object({ time: instant('Events recorded at or after this time.') }),
        z.object({
          offset: z.number().int().min(0).describe('Number of the first entry, in every partition of a Kafka topic.'),
        }),
      ])
      .describe('Where to begin: "beginning" is the oldest entry that the log still holds.'),
    types: z
      .array(z.string().min(1).max(200).describe('Pattern over names of events, for example "user.*".'))
      .min(1)
      .max(100)
      .exactOptional()
      .describe('Only events of these types; absent for all that the group handles.'),
    requestedById: requestedById(),
  }),
  key: byGroup,
});

/** The answer to `events.replay_requested`. */
export const eventsReplayed = defineEvent({
  type: 'dev.orion.events.replayed.v1',
  owner: 'system',
  description:
    'A group has read the log again, to its end or to where it failed. Published by the service of the group.',
  schema: z.object({
    replayId: replayId(),
    group: consumerGroup(),
    service: serviceName(),
    events: z.number().int().min(0).describe('How many were new to the group: they took effect or were parked.'),
    skipped: z
      .number()
      .int()
      .min(0)
      .exactOptional()
      .describe('How many were passed over because they are older than what the inbox remembers.'),
    error: z
      .string()
      .max(4_000)
      .nullable()
      .describe('What ended the replay too early, for operators; null when nothing did.'),
    finishedAt: instant('When it ended.'),
  }),
  key: byGroup,
});

/** Reading the log again. */
export const replayEvents = [eventsReplayRequested, eventsReplayed] as const;
