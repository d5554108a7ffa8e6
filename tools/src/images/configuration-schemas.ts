import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gatewayConfigSchema } from '@orion/gateway';
import type { z } from 'zod';
import { Problem } from '../problem/index.js';
import { environmentVariablesOf } from './environment-variable.js';
import type { EnvironmentVariable } from './environment-variable.js';

/** What each workspace, `gateway` or the name of a subgraph, reads from its environment. */
export type Configurations = Readonly<Record<string, readonly EnvironmentVariable[]>>;

/** Reads the configuration schemas of the workspaces. Throws a Problem when one is not built. */
export async function readConfigurations(
  workspaces: readonly string[],
  { root }: { readonly root: string },
): Promise<Configurations> {
  const entries = await Promise.all(
    workspaces.map(
      async (workspace) => [workspace, environmentVariablesOf(await schemaOf(workspace, { root }))] as const,
    ),
  );
  return Object.fromEntries(entries);
}

async function schemaOf(workspace: string, { root }: { readonly root: string }): Promise<z.ZodType> {
  if (workspace === 'gateway') return gatewayConfigSchema;
  const file = path.join(root, 'subgraphs', workspace, 'dist', 'subgraph.js');
  if (!existsSync(file)) throw new Problem(`subgraphs/${workspace} is not built.`, { advice: ['Run: npm run build'] });
  const { subgraph } = (await import(pathToFileURL(file).href)) as {
    readonly subgraph: { readonly configSchema: z.ZodType };
  };
  return subgraph.configSchema;
}
