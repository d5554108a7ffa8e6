import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { printSubgraphSdl } from '@orion/platform/subgraph';
import type { SubgraphDefinition } from '@orion/platform/subgraph';
import { z } from 'zod';
import type { CataloguedSubgraph } from '../platform/subgraph-catalog.js';
import { Problem, errorText } from '../problem/index.js';

/**
 * Prints the SDL of a subgraph of the checkout from its compiled manifest. Found by its folder, so that nothing has to
 * be registered anywhere. Throws a Problem when it is not built or does not fit its folder.
 */
export async function printSdlOf(
  { name, port }: CataloguedSubgraph,
  { root }: { readonly root: string },
): Promise<string> {
  const definition = await importManifest(name, { root });
  if (definition.name !== name) {
    throw new Problem(`subgraphs/${name}/src/subgraph.ts calls itself ${definition.name}.`, {
      advice: ['A subgraph has the name of its folder.'],
    });
  }
  const standard = standardPort(definition);
  if (standard !== undefined && standard !== port) {
    throw new Problem(`subgraphs/${name} has two ports: ${standard} in src/config.ts, ${port} in package.json.`, {
      advice: ['Make subgraphConfigSchema(PORT, ...) and "orion": {"port": PORT} the same.'],
    });
  }
  try {
    return await printSubgraphSdl(definition);
  } catch (error) {
    throw new Problem(`The schema of subgraphs/${name} cannot be built: ${errorText(error)}`, { cause: error });
  }
}

async function importManifest(name: string, { root }: { readonly root: string }): Promise<SubgraphDefinition<never>> {
  const file = path.join(root, 'subgraphs', name, 'dist', 'subgraph.js');
  if (!existsSync(file)) {
    throw new Problem(`subgraphs/${name} is not built.`, { advice: ['Run: npm run build'] });
  }
  let loaded: { readonly subgraph?: SubgraphDefinition<never> };
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded;
  } catch (error) {
    throw new Problem(`subgraphs/${name}/src/subgraph.ts cannot be loaded: ${errorText(error)}`, {
      advice: ['Run: npm run build'],
      cause: error,
    });
  }
  if (loaded.subgraph === undefined) {
    throw new Problem(`subgraphs/${name}/src/subgraph.ts exports no \`subgraph\`.`, {
      advice: ['Write: export const subgraph = defineSubgraph({ ... })'],
    });
  }
  return loaded.subgraph;
}

/** The default of PORT in the configuration, undefined when the schema does not tell. */
function standardPort(definition: SubgraphDefinition<never>): number | undefined {
  const { properties } = z.toJSONSchema(definition.configSchema, { io: 'input', unrepresentable: 'any' });
  const port = properties?.['PORT'];
  return typeof port === 'object' && typeof port.default === 'number' ? port.default : undefined;
}
