import { defineJob } from '@orion/platform/jobs';
import { z } from 'zod';

/** Announces to the platform what users may do of whom a role or a policy has changed. */
export const announceOwedJob = defineJob({
  name: 'access.announce_owed',
  schema: z.object({}),
  priority: 'critical',
  retry: { maxAttempts: 20 },
});

/** Takes away what a user had until now, and announces what is left. */
export const endGrantsJob = defineJob({
  name: 'access.end_grants',
  schema: z.object({ userId: z.uuid() }),
  priority: 'high',
  retry: { maxAttempts: 20 },
});

/** Looks for what the other two have missed, for instance because the database was restored from a backup. */
export const accessUpkeepJob = defineJob({ name: 'access.upkeep', schema: z.object({}), priority: 'bulk' });
