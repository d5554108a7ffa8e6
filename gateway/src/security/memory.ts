import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';

/** Afterwards every token from before has expired; the minute is for clocks that disagree and slow deliveries. */
export const MEMORY_MS = LONGEST_ACCESS_TOKEN_SECONDS * 1000 + 60_000;

/** What was announced of sessions or users, each for as long as an older token may say otherwise. */
export interface Memory<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  /** Of what is remembered, for diagnosis. */
  readonly size: number;
}

export function createMemory<Value>(): Memory<Value> {
  /** In the order of expiry. */
  const entries = new Map<string, { readonly value: Value; readonly until: number }>();
  const forgetOld = (): void => {
    const now = Date.now();
    for (const [key, { until }] of entries) {
      if (until > now) return;
      entries.delete(key);
    }
  };
  return {
    get: (key) => {
      const entry = entries.get(key);
      return entry !== undefined && entry.until > Date.now() ? entry.value : undefined;
    },
    set: (key, value) => {
      forgetOld();
      // Deleted first, so that the order stays the order of expiry.
      entries.delete(key);
      entries.set(key, { value, until: Date.now() + MEMORY_MS });
    },
    delete: (key) => void entries.delete(key),
    get size() {
      return entries.size;
    },
  };
}
