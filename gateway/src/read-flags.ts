import { parseArgs } from 'node:util';
import { ConfigError } from '@orion/platform/config';

/** The flags of the gateway, under the names of the variables that they stand for. Throws ConfigError with the usage. */
export function readFlags(flags: readonly string[]): Record<string, string | undefined> {
  try {
    const { values } = parseArgs({
      args: [...flags],
      options: {
        rover: { type: 'string' },
        supergraph: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        dedup: { type: 'string' },
      },
    });
    const named = {
      ROVER_CONFIG: values.rover,
      SUPERGRAPH: values.supergraph,
      PORT: values.port,
      HOST: values.host,
      DEDUP: values.dedup,
    };
    return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      `${reason} (flags: --rover FILE, --supergraph FILE, --port N, --host ADDRESS, --dedup off|subgraph|operation|both)`,
    ]);
  }
}
