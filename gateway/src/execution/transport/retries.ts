import type { RawAnswer } from './exchange.js';

/**
 * How many retries a subgraph may cost. Every request earns a fifth of a retry, so that retries never add more than
 * 20 % to the load of a subgraph that is going down; a small reserve serves quiet times.
 */
export interface RetryBudget {
  earn(): void;
  /** Takes one retry out, or says that there is none. */
  spend(): boolean;
}

const EARNED = 0.2;
const RESERVE = 10;

export function createRetryBudget(): RetryBudget {
  let retries = RESERVE;
  return {
    earn: () => {
      retries = Math.min(RESERVE, retries + EARNED);
    },
    spend: () => {
      if (retries < 1) return false;
      retries -= 1;
      return true;
    },
  };
}

const FIRST_WAIT_MS = 50;

/** Milliseconds before retry number 1, 2, ...: doubling, and random so that those who failed together come back apart. */
export function backoffMs(retry: number): number {
  return FIRST_WAIT_MS * 2 ** (retry - 1) * (0.5 + Math.random());
}

/** The statuses of a subgraph, or a proxy before it, that is not able to answer just now. */
export function isUnavailable(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** Seconds to wait as the answer says (RFC 9110, section 10.2.3): a number of seconds or a date; undefined without one. */
export function retryAfterOf({ headers }: RawAnswer): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1_000));
}
