import { setTimeout as wait } from 'node:timers/promises';

/** Does the work and answers after so many milliseconds at the earliest, whatever it came to. */
export async function noSoonerThan<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const [outcome] = await Promise.allSettled([work(), wait(milliseconds)]);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
