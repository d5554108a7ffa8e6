import { setTimeout as wait } from 'node:timers/promises';
import type { SupergraphManager } from '@apollo/gateway';
import type { Logger } from '@orion/platform/log';
import { GraphQLError } from 'graphql';
import { CompositionError } from './compose.js';
import { loadSupergraph, watchedFiles } from './load-supergraph.js';
import type { LoadedSupergraph, LoadedSource } from './load-supergraph.js';
import type { SubgraphAccess } from './subgraph-access.js';
import { watchFiles } from './watch-files.js';

const RETRY_MS = 500;
/** A running subgraph does not say when it changes. */
const INTROSPECTION_MS = 10_000;

/**
 * A supergraph manager for files and rover configurations: waits for subgraphs that have to be introspected and are
 * not up yet, then follows the files and asks the subgraphs.
 *
 * @apollo/gateway's IntrospectAndCompose is not used for them: it introspects all subgraphs or none, gives up when one
 * is not up yet, says nothing of the place of an error, and composes on the thread that answers requests.
 */
export function createSourceManager(
  source: LoadedSource,
  {
    access,
    signal,
    logger,
  }: { readonly access: SubgraphAccess; readonly signal: AbortSignal; readonly logger: Logger },
): SupergraphManager {
  let current: LoadedSupergraph | undefined;
  let loadedAt = Date.now();
  let stopWatching: () => void = () => undefined;

  const loadWhenUp = async (): Promise<LoadedSupergraph> => {
    for (;;) {
      try {
        loadedAt = Date.now();
        return await loadSupergraph(source, access);
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        logger.warn({ reason: error.message }, 'waiting for a subgraph to introspect');
        await wait(RETRY_MS, undefined, { signal });
      }
    }
  };

  const reload = async (update: (sdl: string) => void): Promise<void> => {
    loadedAt = Date.now();
    try {
      const next = await loadSupergraph(source, access);
      if (signal.aborted || next.sdl === current?.sdl) return;
      current = next;
      update(next.sdl);
    } catch (error) {
      report(error, logger);
    }
  };

  /** One reload at a time, and one more when something changed meanwhile. */
  const follow = (update: (sdl: string) => void): (() => void) => {
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
      if (signal.aborted) return;
      stopWatching();
      stopWatching = files.length === 0 ? () => undefined : watchFiles(files, { since: loadedAt, onChange: run });
    };
    watch().catch((error: unknown) => report(error, logger));
    const poll = setInterval(() => {
      if (current?.isIntrospected === true) run();
    }, INTROSPECTION_MS);
    poll.unref();
    return () => {
      clearInterval(poll);
      stopWatching();
    };
  };

  return {
    initialize: async ({ update }) => {
      current = await loadWhenUp();
      const stop = follow(update);
      return { supergraphSdl: current.sdl, cleanup: () => Promise.resolve(stop()) };
    },
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
