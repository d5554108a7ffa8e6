import { subgraphConfigSchema } from '@orion/platform/config';
import type { SharedSubgraphConfig } from '@orion/platform/config';
import type { z } from 'zod';

/** The environment of the user subgraph. */
export const configSchema = subgraphConfigSchema(4002, {});

export type UserConfig = SharedSubgraphConfig & z.infer<typeof configSchema>;
