import { backoffDelay } from '../../pacing/index.js';
import { UnknownEventVersionError } from '../contracts/resolve-event.js';

/** When to try a failed event again: `base * factor^(n - 1)` after attempt n, at most `cap`, by the clock of the database. */
export interface RetryPolicy {
  /** Calls of the handler before the event is dead. */
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
  /** half: a random half of each wait is taken off, so that events that failed together do not come back together. */
  readonly jitter: 'half' | 'none';
}

/** 1 s, 2 s, 4 s ... each with jitter, at most 1 h; dead after 8 attempts, which takes two minutes. */
export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 8,
  baseMs: 1_000,
  factor: 2,
  capMs: 3_600_000,
  jitter: 'half',
};

const HOUR_MS = 3_600_000;
/**
 * While new processes replace old ones, the old ones see versions that they do not know. Their events wait for the new
 * ones, and nobody has to drive them again after the longest of deployments.
 */
const UNKNOWN_VERSION = { deadAfterMs: 24 * HOUR_MS, capMs: 5 * 60_000 };

/** How often an event was tried and how long it is parked, at the moment of a failure. */
export interface FailureHistory {
  /** Calls of the handler before this failure. */
  readonly attempt: number;
  /** By the clock of the database. */
  readonly parkedForMs: number;
}

/** What becomes of an event that failed. `attempt` counts this failure, if it was one of the handler. */
export type FailureVerdict =
  | { readonly state: 'retry'; readonly attempt: number; readonly delayMs: number }
  | { readonly state: 'dead'; readonly attempt: number };

/** Completes a policy with the defaults. Throws RangeError when it cannot be kept. */
export function retryPolicyOf(partial: Partial<RetryPolicy> = {}): RetryPolicy {
  const policy: RetryPolicy = {
    maxAttempts: partial.maxAttempts ?? DEFAULT_RETRY.maxAttempts,
    baseMs: partial.baseMs ?? DEFAULT_RETRY.baseMs,
    factor: partial.factor ?? DEFAULT_RETRY.factor,
    capMs: partial.capMs ?? DEFAULT_RETRY.capMs,
    jitter: partial.jitter ?? DEFAULT_RETRY.jitter,
  };
  if (!Number.isInteger(policy.maxAttempts) || policy.maxAttempts < 1)
    throw new RangeError(`retry: maxAttempts must be a whole number from 1, not ${policy.maxAttempts}`);
  if (!(policy.baseMs > 0) || !(policy.capMs >= policy.baseMs))
    throw new RangeError(`retry: baseMs (${policy.baseMs}) must be above 0 and at most capMs (${policy.capMs})`);
  if (!(policy.factor >= 1)) throw new RangeError(`retry: factor must be at least 1, not ${policy.factor}`);
  return policy;
}

/** What to do after `error`. The first failure of an event has the history of one that was never tried. */
export function judgeFailure(
  retry: RetryPolicy,
  error: unknown,
  { attempt, parkedForMs }: FailureHistory = { attempt: 0, parkedForMs: 0 },
): FailureVerdict {
  if (error instanceof UnknownEventVersionError) {
    // The handler was not called, so nothing counts but time: each wait is as long as all before it.
    if (parkedForMs >= UNKNOWN_VERSION.deadAfterMs) return { state: 'dead', attempt };
    const fullMs = Math.min(Math.max(parkedForMs, retry.baseMs), UNKNOWN_VERSION.capMs);
    return { state: 'retry', attempt, delayMs: backoffDelay(1, { ...retry, baseMs: fullMs, capMs: fullMs }) };
  }
  const attempts = attempt + 1;
  if (attempts >= retry.maxAttempts) return { state: 'dead', attempt: attempts };
  return { state: 'retry', attempt: attempts, delayMs: backoffDelay(attempts, retry) };
}
