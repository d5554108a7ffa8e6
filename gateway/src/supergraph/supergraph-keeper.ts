import { setTimeout as wait } from 'node:timers/promises';
import type { SupergraphManager } from '@apollo/gateway';
import type { Logger } from '@orion/platform/log';
import { GraphQLError } from 'graphql';
import type { SupergraphSource } from '../settings.js';
import { CompositionError } from './compose.js';
import { loadSupergraph, watchedFiles } from './load-supergraph.js';
import type { LoadedSupergraph, LoadOptions } from './load-supergraph.js';
import { watchFiles } from './watch-files.js';

/** Brings the first supergraph about and follows its changes. */
export interface SupergraphKeeper {
  /** Resolves with the first supergraph; waits for subgraphs that have to be introspected and are not up yet. */
  load(): Promise<void>;
  /** What @apollo/gateway takes; `load` comes first. */
  readonly manager: SupergraphManager;
  stop(): void;
}

const RETRY_MS = 500;
/** A running subgraph does not say when it changes. */
const INTROSPECTION_MS = 10_000;

export function createSupergraphKeeper(
  source: SupergraphSource,
  options: LoadOptions & { readonly logger: Logger },
): SupergraphKeeper {
  const { logger } = options;
  const stopping = new AbortController();
  let current: LoadedSupergraph | undefined;
  let loadedAt = Date.now();
  let stopWatching: () => void = () => undefined;

  const loadWhenUp = async (): Promise<LoadedSupergraph> => {
    for (;;) {
      try {
        loadedAt = Date.now();
        return await loadSupergraph(source, options);
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        logger.warn({ reason: error.message }, 'waiting for a subgraph to introspect');
        await wait(RETRY_MS, undefined, { signal: stopping.signal });
      }
    }
  };

  /** Swaps to the newest supergraph; whatever is wrong with it, the last good one stays. */
  const reload = async (update: (sdl: string) => void): Promise<void> => {
    loadedAt = Date.now();
    try {
      const next = await loadSupergraph(source, options);
      if (stopping.signal.aborted || next.sdl === current?.sdl) return;
      update(next.sdl);
      current = next;
      logger.info('the supergraph was reloaded');
    } catch (error) {
      report(error, logger);
    }
  };

  /** One reload at a time, and one more when something changed meanwhile. */
  const follow = (update: (sdl: string) => void): void => {
    let running: Promise<void> | undefined;
    let isDirty = false;
    const run = (): void => {
      isDirty = running !== undefined;
      running ??= reload(update)
        .then(watch)
        .catch((error: unknown) => report(error, logger))
        .finally(() => {
          running = undefined;
          if (isDirty) run();
        });
    };
    const watch = async (): Promise<void> => {
      const files = await watchedFiles(source);
      if (stopping.signal.aborted) return;
      stopWatching();
      stopWatching = files.length === 0 ? () => undefined : watchFiles(files, { since: loadedAt, onChange: run });
    };
    watch().catch((error: unknown) => report(error, logger));
    const poll = setInterval(() => {
      if (current?.isIntrospected === true) run();
    }, INTROSPECTION_MS);
    poll.unref();
    stopping.signal.addEventListener('abort', () => clearInterval(poll), { once: true });
  };

  const stop = (): void => {
    stopping.abort();
    stopWatching();
  };

  return {
    load: async () => {
      current = await loadWhenUp();
    },
    manager: {
      initialize: ({ update }) => {
        if (current === undefined) throw new Error('the supergraph was asked for before it was loaded');
        follow(update);
        return Promise.resolve({ supergraphSdl: current.sdl, cleanup: () => Promise.resolve(stop()) });
      },
    },
    stop,
  };
}

function report(error: unknown, logger: Logger): void {
  if (error instanceof CompositionError) {
    for (const { subgraph, message } of error.problems)
      logger.error({ subgraph }, `the supergraph stays as it was: ${message}`);
    return;
  }
  logger.error(
    { reason: error instanceof Error ? error.message : String(error) },
    'the supergraph stays as it was: it cannot be loaded',
  );
}
