/** Tries for about half a minute: longer than a restart takes, shorter than a client's patience with silence. */
export const RECONNECT_ATTEMPTS = 9;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** Exponential with jitter, so that the gateways of a fleet do not come back all at once. `attempt` counts from 0. */
export function waitBefore(attempt: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return full / 2 + Math.random() * (full / 2);
}

/** A subgraph that refuses what it is asked for refuses it again, unless it was only too busy. */
export function isFinalStatus(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
