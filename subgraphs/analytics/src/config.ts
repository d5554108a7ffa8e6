import { subgraphConfigSchema } from '@orion/platform/config';
import type { SharedSubgraphConfig } from '@orion/platform/config';
import { z } from 'zod';

/** The environment of the analytics subgraph. */
export const configSchema = subgraphConfigSchema(4004, {
  ANALYTICS_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(31)
    .max(36_500)
    .default(400)
    .describe('days for which events are kept; older ones are dropped, a whole day at a time'),
});

export type AnalyticsConfig = SharedSubgraphConfig & z.infer<typeof configSchema>;
