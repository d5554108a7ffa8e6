import { subgraphConfigSchema } from '@orion/platform/config';
import type { SharedSubgraphConfig } from '@orion/platform/config';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import { z } from 'zod';

const MINUTE = 60;
const DAY = 86_400;

/** The environment of the auth subgraph. Times are in seconds. */
export const configSchema = subgraphConfigSchema(4001, {
  JWT_AUDIENCE: z.string().default('orion').describe('audience of access tokens'),
  ACCESS_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(30)
    .max(LONGEST_ACCESS_TOKEN_SECONDS)
    .default(15 * MINUTE)
    .describe('life of an access token'),
  REFRESH_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(7 * DAY)
    .describe('life of a refresh token that is not used'),
  SESSION_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(30 * DAY)
    .describe('longest life of a session, however often it is refreshed'),
  HASH_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('passwords hashed at once; default: one a core'),
});

export type AuthConfig = SharedSubgraphConfig & z.infer<typeof configSchema>;
