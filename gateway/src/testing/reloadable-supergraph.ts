import type { SupergraphManager } from '@apollo/gateway';

/** A supergraph in the hand of a test. */
export interface ReloadableSupergraph {
  readonly manager: SupergraphManager;
  /** Announces another supergraph, as a registry or a file watcher would. */
  change(supergraphSdl: string): void;
}

export function reloadableSupergraph(first: string): ReloadableSupergraph {
  let update: ((supergraphSdl: string) => void) | undefined;
  return {
    manager: {
      initialize: (options) => {
        update = options.update;
        return Promise.resolve({ supergraphSdl: first });
      },
    },
    change: (supergraphSdl) => {
      if (update === undefined) throw new Error('the gateway has not asked for the supergraph yet');
      update(supergraphSdl);
    },
  };
}
