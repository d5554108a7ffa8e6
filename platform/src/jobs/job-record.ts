import type { EntityManager } from 'typeorm';
import type { Cause } from '../events/causation.js';
import type { Job } from './job.js';

/** An attempt that ended, as a recorder sees it. */
export interface EndedJob<TData = unknown, TResult = unknown> {
  readonly job: Job<TData>;
  /** released: the worker stopped before it was over. */
  readonly outcome: 'done' | 'retry' | 'dead' | 'released';
  /** What the handler resolved with; undefined unless done. */
  readonly result: TResult | undefined;
  /** What it rejected with; undefined when it did not, or when it could not be called any more. */
  readonly thrown: unknown;
  /** What is kept with the job; null unless it failed. */
  readonly error: string | null;
  /** False: the job was cancelled, or others run it; nothing of this attempt counts. */
  readonly isHeld: boolean;
  /** For events about it: `publish(manager, [{ ...event, cause }])`. */
  readonly cause: Cause | null;
}

/**
 * Writes down what came of attempts, in the transaction that ends them: both happen, or neither and it is asked again.
 * Many attempts at once, when many end at once.
 */
export type JobRecorder<TData, TResult> = (
  manager: EntityManager,
  ended: readonly EndedJob<TData, TResult>[],
) => Promise<void>;
