/** Stops asking a subgraph that keeps failing, so that it can recover and callers need not wait for what will fail. */
export interface CircuitBreaker {
  /**
   * A ticket for a request that may leave now, which must be given to `record` once; undefined when it may not.
   * Half-open, a single request is let through as a probe and the others are refused.
   */
  admit(): number | undefined;
  /** How the request with the ticket ended; `unknown` for what says nothing about the subgraph. */
  record(ticket: number, outcome: 'answered' | 'failed' | 'unknown'): void;
  state(): CircuitState;
  /** Seconds until the next probe. */
  retryAfterSeconds(): number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitLimits {
  /** Opens when this share of the window's requests failed, */
  readonly failureRatio: number;
  /** of at least so many. */
  readonly minimumRequests: number;
  readonly windowMs: number;
  /** How long it stays open before a probe. */
  readonly openMs: number;
}

export const STANDARD_CIRCUIT: CircuitLimits = {
  failureRatio: 0.5,
  minimumRequests: 20,
  windowMs: 10_000,
  openMs: 5_000,
};

const SLICES = 10;

/** A window that slides in tenths: two small arrays, whatever the load. */
export function createCircuitBreaker(limits: CircuitLimits, onChange: (state: CircuitState) => void): CircuitBreaker {
  const sliceMs = limits.windowMs / SLICES;
  const requests = new Uint32Array(SLICES);
  const failures = new Uint32Array(SLICES);
  let slice = 0;
  let state: CircuitState = 'closed';
  /** Rises with every change of state: what had left before proves nothing about now. */
  let era = 0;
  let openUntil = 0;
  let isProbing = false;

  const change = (next: CircuitState): void => {
    if (next === state) return;
    state = next;
    era += 1;
    isProbing = false;
    onChange(next);
  };

  const open = (): void => {
    openUntil = performance.now() + limits.openMs;
    change('open');
  };

  const close = (): void => {
    requests.fill(0);
    failures.fill(0);
    change('closed');
  };

  const count = (hasFailed: boolean): void => {
    const current = Math.floor(performance.now() / sliceMs);
    // Slices that have passed since the last request are empty.
    for (let at = Math.max(slice + 1, current - SLICES + 1); at <= current; at += 1) {
      requests[at % SLICES] = 0;
      failures[at % SLICES] = 0;
    }
    slice = current;
    requests[slice % SLICES] = (requests[slice % SLICES] ?? 0) + 1;
    if (!hasFailed) return;
    failures[slice % SLICES] = (failures[slice % SLICES] ?? 0) + 1;
    const total = sum(requests);
    if (total >= limits.minimumRequests && sum(failures) >= total * limits.failureRatio) open();
  };

  return {
    admit: () => {
      if (state === 'closed') return era;
      if (state === 'open') {
        if (performance.now() < openUntil) return undefined;
        change('half-open');
      }
      if (isProbing) return undefined;
      isProbing = true;
      return era;
    },
    record: (ticket, outcome) => {
      if (ticket !== era) return;
      if (state === 'closed') {
        if (outcome !== 'unknown') count(outcome === 'failed');
        return;
      }
      isProbing = false;
      if (outcome === 'answered') close();
      else if (outcome === 'failed') open();
    },
    state: () => state,
    retryAfterSeconds: () => Math.max(1, Math.ceil((openUntil - performance.now()) / 1_000)),
  };
}

function sum(values: Uint32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Lets everything through. */
export const NO_BREAKER: CircuitBreaker = {
  admit: () => 0,
  record: () => undefined,
  state: () => 'closed',
  retryAfterSeconds: () => 0,
};
