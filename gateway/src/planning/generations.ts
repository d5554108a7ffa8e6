import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@orion/platform/log';
import type { Metrics } from '../observability/metrics.js';
import type { SupergraphView } from './planner.js';
import type { PlannerLimits } from './planner-limits.js';
import { startPlannerThread } from './planner-thread.js';
import type { PlannerThread } from './planner-thread.js';
import { createSupergraphView } from './supergraph-view.js';

/** One supergraph and all that is derived from it. An operation runs to its end on the generation it started on. */
export interface Generation {
  /** Rises with every reload. */
  readonly number: number;
  readonly supergraphSdl: string;
  readonly view: SupergraphView;
}

export type GenerationListener = (next: Generation, previous: Generation | undefined) => void;

/** Holds the newest generation. */
export interface Generations {
  /** Starts a planner thread while the first supergraph is still being made. */
  prepare(): void;
  /** Throws before the first supergraph. */
  current(): Generation;
  /**
   * Serves another supergraph when everything of it is ready. False when it cannot be used, or a newer one came meanwhile: then the last good
   * one stays, or comes to be served if it was overtaken by what cannot be used. The first supergraph has none to fall back to: it rejects with
   * the reason.
   */
  replace(supergraphSdl: string): Promise<boolean>;
  /** Called after each swap. Returns how to stop listening. */
  onChange(listener: GenerationListener): () => void;
  /** Waits for the plans under way. */
  close(): Promise<void>;
}

export interface GenerationsOptions {
  readonly limits: PlannerLimits;
  /** Prepares what the new generation will be asked for first. What takes longer than 10 s is done without. */
  readonly warmUp?: ((next: Generation, previous: Generation | undefined) => Promise<void>) | undefined;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'supergraphReloaded'>;
}

const WARM_UP_MS = 10_000;

export function createGenerations(options: GenerationsOptions): Generations {
  return new NewestGeneration(options);
}

class NewestGeneration implements Generations {
  readonly #options: GenerationsOptions;
  readonly #listeners = new Set<GenerationListener>();
  #newest: Generation | undefined;
  #servedSdl: string | undefined;
  /** The text of the last `replace`: one that is overtaken while it waits is not built at all. */
  #wantedSdl: string | undefined;
  /** What was overtaken since the last swap, newest last: if what overtook it cannot be served, it is tried after all. */
  #overtaken: string[] = [];
  #replacing: Promise<unknown> = Promise.resolve();
  #preparedThread: PlannerThread | undefined;
  #isClosed = false;

  constructor(options: GenerationsOptions) {
    this.#options = options;
  }

  prepare(): void {
    this.#preparedThread ??= startPlannerThread(this.#options.limits);
  }

  current(): Generation {
    if (this.#newest === undefined) throw new Error('asked for the supergraph before the first composition');
    return this.#newest;
  }

  replace(supergraphSdl: string): Promise<boolean> {
    this.#wantedSdl = supergraphSdl;
    const replaced = this.#replacing.then(() => this.#replaceNow(supergraphSdl));
    // The caller is told; the next one only waits for its turn.
    this.#replacing = replaced.catch(() => undefined);
    return replaced;
  }

  onChange(listener: GenerationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#replacing;
    await this.#preparedThread?.end();
    await this.#newest?.view.planner.close();
  }

  async #replaceNow(sdl: string): Promise<boolean> {
    if (this.#isClosed) return false;
    if (this.#newest !== undefined && sdl !== this.#wantedSdl) {
      this.#overtaken.push(sdl);
      return false;
    }
    const isServed = await this.#serve(sdl);
    if (!isServed) await this.#fallBack(sdl);
    return isServed;
  }

  async #fallBack(refused: string): Promise<void> {
    // One that has come meanwhile has its turn first, and the same to fall back to.
    while (!this.#isClosed && this.#wantedSdl === refused) {
      const sdl = this.#overtaken.pop();
      if (sdl === undefined || (await this.#serve(sdl))) return;
    }
  }

  async #serve(sdl: string): Promise<boolean> {
    const previous = this.#newest;
    if (sdl === this.#servedSdl) {
      this.#overtaken = [];
      return true;
    }
    const view = await this.#build(sdl);
    if (view === undefined) return false;
    const next: Generation = { number: (previous?.number ?? 0) + 1, supergraphSdl: sdl, view };
    await this.#warmUp(next, previous);
    if (this.#isClosed) {
      await view.planner.close();
      return false;
    }
    this.#newest = next;
    this.#servedSdl = sdl;
    this.#overtaken = [];
    this.#options.metrics.supergraphReloaded(true);
    this.#announce(next, previous);
    if (previous === undefined) return true;
    previous.view.planner.retire();
    this.#options.logger.info({ generation: next.number }, 'the supergraph was reloaded');
    return true;
  }

  #announce(next: Generation, previous: Generation | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(next, previous);
      } catch (error) {
        // The swap is done: the others are told of it all the same.
        this.#options.logger.error({ reason: messageOf(error) }, 'who was told of a new supergraph failed');
      }
    }
  }

  async #build(sdl: string): Promise<SupergraphView | undefined> {
    const { limits, logger, metrics } = this.#options;
    const firstThread = this.#preparedThread;
    this.#preparedThread = undefined;
    try {
      return await createSupergraphView(sdl, { ...limits, logger, firstThread });
    } catch (error) {
      metrics.supergraphReloaded(false);
      if (this.#newest === undefined) throw error;
      logger.error({ reason: messageOf(error) }, 'the supergraph stays as it was: the new one cannot be served');
      return undefined;
    }
  }

  async #warmUp(next: Generation, previous: Generation | undefined): Promise<void> {
    const { warmUp, logger } = this.#options;
    if (warmUp === undefined) return;
    const giveUp = new AbortController();
    try {
      const isLate = await Promise.race([
        warmUp(next, previous).then(() => false),
        wait(WARM_UP_MS, true, { signal: giveUp.signal, ref: false }),
      ]);
      if (isLate) logger.warn({ generation: next.number }, 'the new supergraph is served before it is warmed up');
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'warming up failed');
    } finally {
      giveUp.abort();
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
