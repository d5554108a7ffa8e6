/** An iteration that begins when it is made, not with the first `next`, and that has to be ended with `return`. */
export type LiveIteration<Value> = AsyncIterableIterator<Value> & { return(): Promise<IteratorResult<Value>> };

/** The same iteration; `onEnd` is called once, however it ends. */
export function whenEnded<Value>(iteration: LiveIteration<Value>, onEnd: () => void): LiveIteration<Value> {
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    onEnd();
  };
  return {
    async next() {
      try {
        const result = await iteration.next();
        if (result.done === true) end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    },
    return() {
      end();
      return iteration.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
