/** The values that pass. Ending the iteration ends the source, also while it waits for the next value. */
export function onlyThose<Value>(
  source: AsyncIterableIterator<Value>,
  passes: (value: Value) => boolean,
): AsyncIterableIterator<Value> {
  return {
    async next() {
      for (;;) {
        const result = await source.next();
        if (result.done === true || passes(result.value)) return result;
      }
    },
    // Not a generator: its return() would wait for the value that it is waiting for.
    return: async () => (await source.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
