import { subgraphConfigSchema } from '@orion/platform/config';
import type { SharedSubgraphConfig } from '@orion/platform/config';
import { z } from 'zod';

const days = (least: number, standard: number) => z.coerce.number().int().min(least).max(3_650).default(standard);

/** The environment of the user subgraph. */
export const configSchema = subgraphConfigSchema(4002, {
  ACCOUNT_DELETION_DAYS: days(0, 7).describe(
    'how long somebody who wants their account deleted can change their mind; 0 deletes at once',
  ),
  FIRST_ADMINISTRATOR_ID: z
    .uuid()
    .optional()
    .describe('id of the user who becomes ADMIN at the start, as long as nobody is it; ask `me { id }` for your own'),
  ACTIVITY_RETENTION_DAYS: days(1, 180).describe('how long what people did is kept for them to see'),
});

export type UserConfig = SharedSubgraphConfig & z.infer<typeof configSchema>;
