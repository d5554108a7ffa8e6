import { setTimeout as wait } from 'node:timers/promises';
import { rateLimited } from '@orion/platform/errors';
import type { DataSource } from 'typeorm';
import { reserve, settle } from '../rate-limit/rate-limit.service.js';
import type { RateLimit, Reservation } from '../rate-limit/rate-limit.service.js';
import { createKeyedGate } from './gate.js';

const ATTEMPTS_PER_WINDOW = 5;
const LOGINS: RateLimit = { purpose: 'login', limit: ATTEMPTS_PER_WINDOW, windowSeconds: 15 * 60 };

const QUEUE_LIMIT = 50;
/** How long to wait for attempts that other processes hold, and how often to look. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;
const RETRY_AFTER_SECONDS = 2;

/** Allows every address five wrong passwords in 15 minutes, whether or not it has an account. */
export interface LoginAttempts {
  /**
   * Runs `check`, which compares a password when `mayTry` is true and must take as long when it is not. An attempt is
   * reserved before, so that of many guesses at once no more than five are ever checked, and given back when the
   * password was right. While all that are left are in flight this waits: nobody with the right password is refused
   * because others sign in at the same time. Throws RATE_LIMITED when that takes too long, for any address alike.
   */
  run<T extends { readonly matches: boolean }>(address: string, check: (mayTry: boolean) => Promise<T>): Promise<T>;
}

export function createLoginAttempts({ manager }: Pick<DataSource, 'manager'>): LoginAttempts {
  // What one process sends at once waits in memory; only other processes have to be asked again and again.
  const gate = createKeyedGate({
    concurrency: ATTEMPTS_PER_WINDOW,
    queueLimit: QUEUE_LIMIT,
    retryAfter: RETRY_AFTER_SECONDS,
  });

  /** Null when the attempts of this window are spent. */
  async function take(address: string): Promise<Reservation | null> {
    for (const until = Date.now() + PATIENCE_MS; ;) {
      const grant = await reserve(manager, { ...LOGINS, key: address });
      if (grant.kind === 'reserved') return grant;
      if (grant.kind === 'spent') return null;
      if (Date.now() > until) throw rateLimited(RETRY_AFTER_SECONDS);
      await wait(LOOK_EVERY_MS);
    }
  }

  return {
    run: (address, check) =>
      gate.run(address, async () => {
        const reservation = await take(address);
        if (reservation === null) return check(false);
        const outcome = await check(true).catch(async (error: unknown) => {
          // Nobody learned whether the password was right.
          await settle(manager, { ...reservation, verdict: 'unused' });
          throw error;
        });
        await settle(manager, { ...reservation, verdict: outcome.matches ? 'cleared' : 'spent' });
        return outcome;
      }),
  };
}
