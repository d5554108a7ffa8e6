import { freePort } from '../ports/index.js';
import type { PlatformOptions } from './platform.js';
import type { CataloguedSubgraph } from './subgraph-catalog.js';

/** Name of the gateway among the services. */
export const GATEWAY = 'gateway';
const DEFAULT_GATEWAY_PORT = 4000;

/** Port of every subgraph and of the gateway. */
export async function choosePorts(
  { ports, mode, gatewayPort = DEFAULT_GATEWAY_PORT }: PlatformOptions,
  { subgraphs }: { readonly subgraphs: readonly CataloguedSubgraph[] },
): Promise<Readonly<Record<string, number>>> {
  if ((ports ?? (mode === 'demo' ? 'fixed' : 'random')) === 'fixed') return fixedPorts(subgraphs, { gatewayPort });
  const chosen: Record<string, number> = {};
  for (const name of [...subgraphs.map((subgraph) => subgraph.name), GATEWAY]) chosen[name] = await freePort();
  return chosen;
}

/** Moving the gateway moves the subgraphs with it. */
export function fixedPorts(
  subgraphs: readonly CataloguedSubgraph[],
  { gatewayPort = DEFAULT_GATEWAY_PORT }: { readonly gatewayPort?: number } = {},
): Readonly<Record<string, number>> {
  const shift = gatewayPort - DEFAULT_GATEWAY_PORT;
  return { ...Object.fromEntries(subgraphs.map(({ name, port }) => [name, port + shift])), [GATEWAY]: gatewayPort };
}
