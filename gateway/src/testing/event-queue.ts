/** Events on their way to one client: filled by the stream, emptied at the client's pace. */
export interface EventQueue<Event> extends AsyncGenerator<Event, undefined, undefined> {
  push(event: Event): void;
  /** No more events: those that wait are still delivered, then the iteration is done. */
  end(): void;
}

export interface EventQueueOptions {
  /** Events that may wait. */
  readonly limit: number;
  /** The client is too slow; called once, and nothing more is kept for it. */
  readonly onOverflow: () => void;
  /** The iteration is over, for whatever reason; called once. */
  readonly onDone: () => void;
}

/**
 * A bounded queue. Overflow drops the client and not an event: a client that is told to come back knows that it
 * missed something, one whose events vanish does not.
 */
export function createEventQueue<Event>({ limit, onOverflow, onDone }: EventQueueOptions): EventQueue<Event> {
  const waiting: Event[] = [];
  let state: 'open' | 'ending' | 'done' = 'open';
  let wake: (() => void) | undefined;
  const done = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  const finish = (): void => {
    if (state === 'done') return;
    state = 'done';
    waiting.length = 0;
    notify();
    onDone();
  };

  const queue: EventQueue<Event> = {
    push: (event) => {
      if (state !== 'open') return;
      if (waiting.length >= limit) {
        finish();
        onOverflow();
        return;
      }
      waiting.push(event);
      notify();
    },
    end: () => {
      if (state !== 'open') return;
      state = 'ending';
      notify();
    },
    next: async () => {
      while (waiting.length === 0 && state === 'open') await new Promise<void>((resolve) => (wake = resolve));
      const event = waiting.shift();
      if (event !== undefined) return { done: false, value: event };
      finish();
      return done();
    },
    return: () => {
      finish();
      return Promise.resolve(done());
    },
    throw: () => {
      finish();
      return Promise.resolve(done());
    },
    [Symbol.asyncIterator]: () => queue,
    [Symbol.asyncDispose]: async () => finish(),
  };
  return queue;
}
