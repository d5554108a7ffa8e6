import { z } from 'zod';
import { defineEvent } from '../events/contract.js';
import { id } from './fields.js';

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

/** Everything that analytics publishes. */
export const analyticsEvents = [reportReady] as const;
