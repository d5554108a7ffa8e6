import { parentPort, workerData } from 'node:worker_threads';
import { CompositionError, composeSupergraph } from './compose.js';
import type { Composed } from './compose-thread.js';
import type { SubgraphSdl } from './compose.js';

/** The entry of a thread that composes once and ends. */
parentPort?.postMessage(await compose(workerData as readonly SubgraphSdl[]));

async function compose(subgraphs: readonly SubgraphSdl[]): Promise<Composed> {
  try {
    return { sdl: await composeSupergraph(subgraphs) };
  } catch (error) {
    // Only plain data crosses threads.
    if (error instanceof CompositionError) return { problems: error.problems };
    throw error;
  }
}
