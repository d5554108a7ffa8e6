import { setTimeout as wait } from 'node:timers/promises';

/**
 * Waits until `probe` returns something other than undefined, false or null, and returns it.
 * An error thrown by the probe counts as "not yet". Throws after `within` milliseconds with the last error.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { within = 10_000, every = 20 }: { readonly within?: number; readonly every?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + within;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<Exclude<T, false>>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`condition not met within ${within} ms: ${probe.toString().slice(0, 200)}`, { cause: lastError });
    }
    await wait(every);
  }
}
