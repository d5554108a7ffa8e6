import DataLoader from 'dataloader';

/** Fetches many keys in one statement; the result has one entry for each key, in order. */
export type BatchLoad<Key, Value> = (keys: readonly Key[]) => Promise<readonly Value[]>;

/** The data loaders of one request: nothing is cached across requests, so nothing leaks between callers. */
export interface Loaders {
  /**
   * Loads `key` together with all keys asked for in the same tick. The batch function itself names the loader, so it
   * must be the same function each time: a property of a service, not a closure made per call.
   */
  load<Key, Value>(batch: BatchLoad<Key, Value>, key: Key): Promise<Value>;
}

/**
 * @returns the loaders for one request. Keys that are objects are compared by their JSON. Without `cache` keys are
 * still loaded together, and read anew each time: for a subscription, which outlives what it read.
 */
export function createLoaders({ cache = true }: { readonly cache?: boolean } = {}): Loaders {
  const loaders = new Map<unknown, DataLoader<unknown, unknown, unknown>>();
  return {
    load<Key, Value>(batch: BatchLoad<Key, Value>, key: Key): Promise<Value> {
      let loader = loaders.get(batch);
      if (loader === undefined) {
        loader = new DataLoader<unknown, unknown, unknown>((keys) => batch(keys as readonly Key[]), {
          cache,
          cacheKeyFn: (one) => (typeof one === 'object' ? JSON.stringify(one) : one),
        });
        loaders.set(batch, loader);
      }
      return loader.load(key) as Promise<Value>;
    },
  };
}
