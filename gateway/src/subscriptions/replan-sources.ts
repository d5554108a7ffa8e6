import type { Logger } from '@orion/platform/log';
import type { Source, SourcePlan } from './source.js';

/** What became of a subscription on a new supergraph. */
export type Replanned =
  | { readonly ok: true; readonly plan: SourcePlan }
  | { readonly ok: false; readonly reasons: readonly string[] };

export interface ReplanOptions {
  readonly prepare: (source: Source) => Promise<Replanned>;
  readonly apply: (source: Source, replanned: Replanned) => void;
  /** A newer supergraph has come: what is left is its business. */
  readonly isOutdated: () => boolean;
  readonly logger: Logger;
}

/** Sources prepared at the same time. */
const CONCURRENT = 8;
/** So long the event loop is held before others get their turn. */
const SLICE_MS = 5;

/** Prepares sources anew, a few at a time, so that a reload under thousands of subscriptions holds up nobody. */
export async function replanSources(
  sources: readonly Source[],
  { prepare, apply, isOutdated, logger }: ReplanOptions,
): Promise<void> {
  let at = 0;
  let sliceStart = performance.now();
  /** One for all that are at work: with one each, they would work in turns, and nobody else. */
  let pause: Promise<void> | undefined;
  const takePause = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    sliceStart = performance.now();
    pause = undefined;
  };
  const work = async (): Promise<void> => {
    while (at < sources.length && !isOutdated()) {
      const source = sources[at] as Source;
      at += 1;
      const replanned = await prepare(source);
      if (isOutdated()) return;
      apply(source, replanned);
      if (performance.now() - sliceStart > SLICE_MS) await (pause ??= takePause());
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENT, sources.length) }, work));
  logger.debug({ subscriptions: sources.length, isOutdated: isOutdated() }, 'subscriptions follow the new supergraph');
}
