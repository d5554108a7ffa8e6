import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@orion/platform/config';
import type { GatewayConfig } from './config.js';
import type { Page } from './settings.js';

/** What the gateway serves itself. */
const TAKEN = new Set(['graphql', 'graphiql', 'console', 'sandbox', 'health']);

/** The folders that the configuration mounts. Throws ConfigError for what cannot be served. */
export function mountedPages(
  config: Pick<GatewayConfig, 'GRAPHIQL_DIR' | 'CONSOLE_DIR' | 'PAGES_DIR'>,
): readonly Page[] {
  return [
    ...(config.GRAPHIQL_DIR === undefined ? [] : [{ path: '/graphiql', directory: config.GRAPHIQL_DIR }]),
    ...(config.CONSOLE_DIR === undefined ? [] : [{ path: '/console', directory: config.CONSOLE_DIR }]),
    ...(config.PAGES_DIR === undefined ? [] : foldersOf(config.PAGES_DIR)),
  ];
}

function foldersOf(directory: string): readonly Page[] {
  const names = namesIn(directory);
  const unusable = names.filter((name) => TAKEN.has(name) || !/^[a-z0-9][a-z0-9-]*$/.test(name));
  if (unusable.length > 0) {
    throw new ConfigError(
      unusable.map((name) => `PAGES_DIR: a page cannot be called "${name}": a-z, 0-9 and -, and not taken already`),
    );
  }
  return names.map((name) => ({ path: `/${name}`, directory: join(directory, name), isUnlisted: true }));
}

/** Files beside the folders, and what begins with a dot, are nobody's page. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch (error) {
    throw new ConfigError([`PAGES_DIR: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
