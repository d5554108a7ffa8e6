/** Waiting longer after each failure, in milliseconds. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
  /** Default 2. */
  readonly factor?: number | undefined;
  /** half (default): a random half of the wait is taken off; none: the wait is exact. */
  readonly jitter?: 'half' | 'none' | undefined;
}

/**
 * The wait after failure number `failures` (from 1): `base * factor^(failures - 1)`, at most `cap`, of which a random
 * half is taken off so that those who failed together do not come back together.
 */
export function backoffDelay(failures: number, { baseMs, capMs, factor = 2, jitter = 'half' }: BackoffOptions): number {
  const full = Math.min(capMs, baseMs * factor ** (failures - 1));
  return jitter === 'none' ? full : full * (0.5 + Math.random() * 0.5);
}
