import { setTimeout as wait } from 'node:timers/promises';
import { rateLimited } from '@orion/platform/errors';
import type { DataSource, EntityManager } from 'typeorm';
import { createKeyedGate } from '../password/gate.js';
import { reserve, settle } from '../rate-limit/rate-limit.service.js';
import type { RateLimit, Reservation } from '../rate-limit/rate-limit.service.js';

const QUEUE_LIMIT = 50;
/** How long to wait for attempts that other processes hold, and how often to look. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;
const RETRY_AFTER_SECONDS = 2;
/** Longer than the database needs for what follows from the last attempt, so that time does not tell what it was. */
const LAST_ATTEMPT_MS = 50;

/** What an attempt came to. */
export interface AttemptResult {
  readonly matches: boolean;
}

/** Allows so many wrong attempts of each key in a window of time. */
export interface Attempts {
  /**
   * Runs `check`, which may try when it gets true and must take as long when it does not. An attempt is reserved before,
   * so that of many at once no more than the limit are ever checked, and given back when it was right. While all that
   * are left are in flight this waits: nobody who is right is refused because others try at the same time. Throws
   * RATE_LIMITED when that takes too long, for any key alike.
   * @param onSpent is called once, in the transaction that counts the last wrong attempt of a window.
   */
  run<T extends AttemptResult>(
    key: string,
    check: (mayTry: boolean) => Promise<T>,
    onSpent?: (manager: EntityManager) => Promise<void>,
  ): Promise<T>;
}

export interface AttemptsOptions {
  readonly limit: RateLimit;
  /** What becomes of earlier wrong attempts after a right one. */
  readonly afterSuccess: 'cleared' | 'unused';
}

export function createAttempts(
  database: Pick<DataSource, 'manager' | 'transaction'>,
  { limit, afterSuccess }: AttemptsOptions,
): Attempts {
  const { manager } = database;
  // What one process sends at once waits in memory; only other processes have to be asked again and again.
  const gate = createKeyedGate({
    concurrency: limit.limit,
    queueLimit: Math.max(QUEUE_LIMIT, limit.limit),
    retryAfter: RETRY_AFTER_SECONDS,
  });

  /** Null when the attempts of this window are spent. */
  async function take(key: string): Promise<Reservation | null> {
    for (const until = Date.now() + PATIENCE_MS; ;) {
      const grant = await reserve(manager, { ...limit, key });
      if (grant.kind === 'reserved') return grant;
      if (grant.kind === 'spent') return null;
      if (Date.now() > until) throw rateLimited(RETRY_AFTER_SECONDS);
      await wait(LOOK_EVERY_MS);
    }
  }

  async function spend(
    reservation: Reservation,
    onSpent: ((manager: EntityManager) => Promise<void>) | undefined,
  ): Promise<void> {
    const start = performance.now();
    const isLast = await database.transaction(async (transaction) => {
      const spent = await settle(transaction, { ...reservation, verdict: 'spent' });
      if (spent !== limit.limit) return false;
      await onSpent?.(transaction);
      return true;
    });
    if (isLast) await wait(Math.max(0, LAST_ATTEMPT_MS - (performance.now() - start)));
  }

  return {
    run: (key, check, onSpent) =>
      gate.run(key, async () => {
        const reservation = await take(key);
        if (reservation === null) return check(false);
        const outcome = await check(true).catch(async (error: unknown) => {
          // Nobody learned whether it was right.
          await settle(manager, { ...reservation, verdict: 'unused' });
          throw error;
        });
        if (outcome.matches) await settle(manager, { ...reservation, verdict: afterSuccess });
        else await spend(reservation, onSpent);
        return outcome;
      }),
  };
}
