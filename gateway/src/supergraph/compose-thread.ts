import { Worker } from 'node:worker_threads';
import { CompositionError } from './compose.js';
import type { CompositionProblem, SubgraphSdl } from './compose.js';

/** What the thread answers. */
export type Composed = { readonly sdl: string } | { readonly problems: readonly CompositionProblem[] };

/**
 * As `composeSupergraph`, in a thread: composing keeps a processor busy for as long as it takes, and what it needs is
 * loaded for the first time or the hundredth without requests noticing.
 */
export async function composeInThread(subgraphs: readonly SubgraphSdl[]): Promise<string> {
  const worker = new Worker(new URL('./compose-worker.js', import.meta.url), {
    name: 'composition',
    workerData: subgraphs,
  });
  try {
    const composed = await answerOf(worker);
    if ('sdl' in composed) return composed.sdl;
    throw new CompositionError(composed.problems);
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker: Worker): Promise<Composed> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`composing ended with code ${code} and no answer`)));
  });
}
