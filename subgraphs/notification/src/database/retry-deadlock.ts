import { setTimeout as wait } from 'node:timers/promises';
import { QueryFailedError } from 'typeorm';

/** SQLSTATE deadlock_detected. */
const DEADLOCK = '40P01';
const MOST_TRIES = 5;
const LONGEST_WAIT_MS = 50;

/**
 * Runs a transaction again that Postgres ended to resolve a deadlock. Every statement locks its rows in order, but a
 * batch of events is many statements in one transaction, and may meet others the other way round.
 */
export async function retryDeadlock<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === MOST_TRIES || !isDeadlock(error)) throw error;
      await wait(Math.random() * LONGEST_WAIT_MS);
    }
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { readonly code?: string }).code === DEADLOCK;
}
