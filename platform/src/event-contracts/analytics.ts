import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { id, instant } from './fields.js';
import { analyticsDataExported } from './person.js';

/** A report that somebody asked for can be fetched. */
export const reportReady = defineEvent({
  type: 'dev.orion.report.ready.v1',
  owner: 'analytics',
  description: 'A report is ready to be fetched.',
  schema: z.object({
    reportId: id('Id of the report.'),
    requestedById: id('Id of the user who asked for it.'),
    name: z.string().min(1).max(200).describe('Name of the report, as its author gave it.'),
  }),
  key: ({ reportId }) => reportId,
});

/** A number that somebody watches went over or under the limit that they set. */
export const thresholdCrossed = defineEvent({
  type: 'dev.orion.threshold.crossed.v1',
  owner: 'analytics',
  description:
    'A number that somebody watches crossed the limit that was set for it. Published once for every crossing, not while it stays there.',
  schema: z.object({
    thresholdId: id('Id of the threshold.'),
    name: z.string().min(1).max(200).describe('Name of the threshold, as its author gave it.'),
    ownerId: id('Id of the user who set it.'),
    direction: z.enum(['above', 'below']).describe('Where the value is now, seen from the limit.'),
    limit: z.number().describe('The limit, in the unit of the value.'),
    value: z.number().describe('The value that crossed it.'),
    windowStart: instant('Start of the time that the value is of.'),
    windowEnd: instant('End of that time, not included.'),
  }),
  key: ({ thresholdId }) => thresholdId,
});

/** Everything that analytics publishes. */
export const analyticsEvents = [reportReady, thresholdCrossed, analyticsDataExported] as const;
