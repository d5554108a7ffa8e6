/** What an endless operation shows of itself to a library that reads it event by event. */
export interface SilentIterator {
  readonly iterator: AsyncGenerator<never, undefined, undefined>;
  end(): void;
  /** The reader gets this thrown. */
  fail(reason: Error): void;
}

/**
 * Yields nothing, because events are written past it, and is done when the operation is. `onReturn` is called when the
 * reader wants no more, and not when it ended by itself.
 */
export function createSilentIterator(onReturn: () => void): SilentIterator {
  let settle: { readonly end: () => void; readonly fail: (reason: Error) => void } | undefined;
  const over = new Promise<IteratorReturnResult<undefined>>((resolve, reject) => {
    settle = { end: () => resolve({ done: true, value: undefined }), fail: reject };
  });
  // It may fail before it is read.
  over.catch(() => undefined);
  const stop = (): Promise<IteratorReturnResult<undefined>> => {
    onReturn();
    settle?.end();
    return Promise.resolve({ done: true, value: undefined });
  };
  const iterator: SilentIterator['iterator'] = {
    next: () => over,
    return: stop,
    throw: stop,
    [Symbol.asyncIterator]: () => iterator,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
  return { iterator, end: () => settle?.end(), fail: (reason) => settle?.fail(reason) };
}
