import type { Logger } from '@orion/platform/log';
import type { SupergraphSource } from '../settings.js';
import { createSourceManager } from './source-manager.js';
import { managerOptions } from './subgraph-access.js';
import type { SubgraphAccess } from './subgraph-access.js';

/** Brings the first supergraph about and follows its changes, whoever manages it. */
export interface SupergraphKeeper {
  /**
   * Resolves with the first supergraph, which waits for subgraphs that have to be introspected; `serve` gets each later one.
   * Rejects with ConfigError or CompositionError for what cannot work, and with what a manager of the embedder throws.
   */
  start(serve: (supergraphSdl: string) => Promise<boolean>): Promise<string>;
  stop(): Promise<void>;
}

export function createSupergraphKeeper(
  source: SupergraphSource,
  { logger, ...access }: SubgraphAccess & { readonly logger: Logger },
): SupergraphKeeper {
  const stopping = new AbortController();
  const manager =
    'manager' in source ? source.manager : createSourceManager(source, { access, signal: stopping.signal, logger });
  let cleanup: (() => Promise<void>) | undefined;

  const stop = async (): Promise<void> => {
    stopping.abort();
    const clean = cleanup;
    cleanup = undefined;
    await clean?.();
  };

  return {
    start: async (serve) => {
      const update = (sdl: string): void => {
        if (stopping.signal.aborted) return;
        serve(sdl).catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          logger.error({ reason }, 'a changed supergraph cannot be served');
        });
      };
      const first = await manager.initialize(managerOptions(access, update));
      cleanup = first.cleanup;
      if (stopping.signal.aborted) {
        await stop();
        throw new Error('stopped before the supergraph was there');
      }
      return first.supergraphSdl;
    },
    stop,
  };
}
