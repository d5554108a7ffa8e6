/** What happens to a subscriber that does not keep up with its queue. */
const QUEUE_LIMIT = 1_000;

/** A subscriber fell too far behind; it should subscribe again and catch up from the database. */
export class SlowSubscriberError extends Error {
  override readonly name = 'SlowSubscriberError';
}

/** Values that are pushed to everybody in this process who listens on their key, right now. */
export interface LiveChannel<Value> {
  publish(key: string, value: Value): void;
  /** Listening starts with this call, not with the first `next()`: nothing is missed while catching up. */
  listen(key: string): AsyncIterableIterator<Value> & { return(): Promise<IteratorResult<Value>> };
  /** How many listeners there are. */
  readonly size: number;
  /** Ends every listener's iteration. */
  close(): void;
}

interface Listener<Value> {
  push(value: Value): void;
  end(): void;
}

/** A slow listener never holds back another: each has its own bounded queue, and is ended with an error beyond it. */
export function createLiveChannel<Value>({
  queueLimit = QUEUE_LIMIT,
}: { readonly queueLimit?: number } = {}): LiveChannel<Value> {
  const listeners = new Map<string, Set<Listener<Value>>>();
  const add = (key: string, listener: Listener<Value>) => {
    const set = listeners.get(key) ?? new Set();
    listeners.set(key, set.add(listener));
  };
  const remove = (key: string, listener: Listener<Value>) => {
    const set = listeners.get(key);
    if (set?.delete(listener) === true && set.size === 0) listeners.delete(key);
  };
  return {
    publish(key, value) {
      for (const listener of listeners.get(key) ?? []) listener.push(value);
    },
    listen(key) {
      const queue: Value[] = [];
      // Calls of next() that found the queue empty. While there is one, nothing can overflow.
      const waiting: ((result: IteratorResult<Value>) => void)[] = [];
      let state: 'open' | 'ended' | 'overflown' = 'open';
      const finish = (next: 'ended' | 'overflown') => {
        state = next;
        remove(key, listener);
        for (const resolve of waiting.splice(0)) resolve({ done: true, value: undefined });
      };
      const listener: Listener<Value> = {
        push(value) {
          const taker = waiting.shift();
          if (taker !== undefined) taker({ done: false, value });
          else if (queue.length < queueLimit) queue.push(value);
          else finish('overflown');
        },
        end: () => finish('ended'),
      };
      add(key, listener);
      return {
        next() {
          const value = queue.shift();
          if (value !== undefined) return Promise.resolve({ done: false, value });
          if (state === 'overflown') return Promise.reject(new SlowSubscriberError('too far behind: subscribe again'));
          if (state === 'ended') return Promise.resolve({ done: true, value: undefined });
          return new Promise((resolve) => waiting.push(resolve));
        },
        return() {
          queue.length = 0;
          if (state === 'open') finish('ended');
          return Promise.resolve({ done: true as const, value: undefined });
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    get size() {
      return [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
    },
    close() {
      for (const set of [...listeners.values()]) for (const listener of [...set]) listener.end();
    },
  };
}
