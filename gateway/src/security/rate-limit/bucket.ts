/** So many operations in a minute: as many at once, and one more each time its share of the minute has passed. */
export const WINDOW_MS = 60_000;

/** What a bucket says to one more operation. */
export interface Taken {
  readonly isAllowed: boolean;
  /** Operations that are still allowed at once. */
  readonly remaining: number;
  /** Milliseconds until the bucket is full again. */
  readonly resetMs: number;
  /** Milliseconds until one more is allowed; 0 when it is. */
  readonly retryMs: number;
}

/** Takes one operation out of a client's bucket of so many a minute. */
export interface Buckets {
  take(key: string, perMinute: number): Taken;
}

/** Several times the clients that a gateway sees in a minute; a bucket takes about 100 bytes. */
const MOST_BUCKETS = 100_000;
/** Buckets that a new one looks at for full ones to clear away, so that no single request pays for all. */
const SWEEP = 16;

/**
 * Buckets in memory, as GCRA (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): of each only the time at which
 * it is full again is kept, so that nothing has to run in the background. When there are too many, full ones go, else the oldest.
 */
export function createBuckets(mostBuckets = MOST_BUCKETS): Buckets {
  const fullAt = new Map<string, number>();
  const makeRoom = (now: number): void => {
    let looked = 0;
    for (const [key, at] of fullAt) {
      if (at <= now) fullAt.delete(key);
      looked += 1;
      if (looked === SWEEP) break;
    }
    if (fullAt.size < mostBuckets) return;
    const [oldest] = fullAt.keys();
    if (oldest !== undefined) fullAt.delete(oldest);
  };
  return {
    take: (key, perMinute) => {
      const now = Date.now();
      const known = fullAt.get(key);
      if (known === undefined && fullAt.size >= mostBuckets) makeRoom(now);
      const current = Math.max(known ?? 0, now);
      const next = current + WINDOW_MS / perMinute;
      const isAllowed = next - now <= WINDOW_MS;
      if (isAllowed) fullAt.set(key, next);
      return taken({ isAllowed, usedMs: (isAllowed ? next : current) - now, perMinute });
    },
  };
}

/** @param usedMs how long the bucket takes to be full again */
export function taken({
  isAllowed,
  usedMs,
  perMinute,
}: {
  readonly isAllowed: boolean;
  readonly usedMs: number;
  readonly perMinute: number;
}): Taken {
  const interval = WINDOW_MS / perMinute;
  return {
    isAllowed,
    // A share of the time may be lost to rounding, an operation must not be.
    remaining: Math.max(0, Math.floor((WINDOW_MS - usedMs) / interval + 1e-6)),
    resetMs: usedMs,
    retryMs: isAllowed ? 0 : Math.max(1, usedMs + interval - WINDOW_MS),
  };
}
