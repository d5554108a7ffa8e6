import { rateLimited } from '@orion/platform/errors';

/** How much goes on at once, and how much may wait for it. */
export interface GateOptions {
  readonly concurrency: number;
  /** Whoever would wait behind more than these is refused. */
  readonly queueLimit: number;
  /** Seconds, for whoever is refused. */
  readonly retryAfter: number;
}

/** Runs work, first come first served. Throws RATE_LIMITED when too many wait. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>;
  isIdle(): boolean;
}

export function createGate({ concurrency, queueLimit, retryAfter }: GateOptions): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work) {
      if (running >= concurrency) {
        if (waiting.length >= queueLimit) throw rateLimited(retryAfter);
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The place is handed on, so `running` stays as it is.
        if (next === undefined) running -= 1;
        else next();
      }
    },
    isIdle: () => running === 0,
  };
}

/** A gate for each key that is in use. */
export interface KeyedGate {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createKeyedGate(options: GateOptions): KeyedGate {
  const gates = new Map<string, Gate>();
  return {
    async run(key, work) {
      const gate = gates.get(key) ?? createGate(options);
      gates.set(key, gate);
      try {
        return await gate.run(work);
      } finally {
        if (gate.isIdle()) gates.delete(key);
      }
    },
  };
}
