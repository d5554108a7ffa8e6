import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { id, instant, serviceName } from './fields.js';

/** A service gave up on a job; operators can drive it again or discard it there. */
export const jobDeadLettered = defineEvent({
  type: 'dev.orion.job.dead_lettered.v1',
  owner: 'system',
  topic: 'orion.dlq',
  description: 'A service gave up on a background job after its last attempt. Published by the service of the job.',
  schema: z.object({
    service: serviceName(),
    jobId: id('Id of the job.'),
    name: z.string().min(1).max(200).describe('What the job does, for example "image.resize".'),
    priority: z.string().min(1).max(50).describe('Its priority, for example "normal".'),
    key: z.string().nullable().describe('Key by which it was enqueued once only, null when it had none.'),
    attempts: z.number().int().min(0).describe('How often it was begun.'),
    error: z.string().max(4_000).describe('What the last attempt failed with, for operators.'),
    diedAt: instant('When the service gave up.'),
  }),
  key: ({ jobId }) => jobId,
});

/** What becomes of background jobs. */
export const jobEvents = [jobDeadLettered] as const;
