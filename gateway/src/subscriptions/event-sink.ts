import type { Outlet } from './outlet.js';
import type { StreamEvent } from './stream-event.js';

/** What happens to a client that does not take its events as fast as they come. */
export type SlowClientPolicy = 'disconnect' | 'drop-oldest';

/** Where a stream puts the events of one client. Nothing in it waits: a slow client holds up nobody. */
export interface EventSink {
  push(events: readonly StreamEvent[]): void;
  /** Nothing more comes: what waits is still delivered, then `failure`, when there is one, then the end. */
  end(failure: StreamEvent | undefined): void;
  /** Forgets what waits; nothing more is written. */
  discard(): void;
}

export interface EventSinkOptions {
  readonly outlet: Outlet;
  /** Puts one event on the outlet. */
  readonly write: (event: StreamEvent) => void;
  /** Events that may wait. */
  readonly limit: number;
  readonly policy: SlowClientPolicy;
  /** Events were dropped. */
  readonly onDropped: (count: number) => void;
  /** The client is too slow and nothing more is kept for it: called once, with the policy `disconnect`. */
  readonly onOverflow: () => void;
  /** Everything was written; called once. */
  readonly onEnd: (failure: StreamEvent | undefined) => void;
}

/** A bounded queue that is passed by as long as the client keeps up. */
export function createEventSink(options: EventSinkOptions): EventSink {
  const { outlet, write, limit, policy } = options;
  const waiting: StreamEvent[] = [];
  let state: 'open' | 'ending' | 'done' = 'open';
  let failure: StreamEvent | undefined;
  let dropped = 0;
  let isRegistered = false;

  const finish = (): void => {
    state = 'done';
    options.onEnd(failure);
  };
  const writeWaiting = (): void => {
    while (waiting.length > 0 && !outlet.isCongested()) {
      const event = waiting.shift() as StreamEvent;
      if (dropped === 0) {
        write(event);
      } else {
        write(event.after(dropped));
        dropped = 0;
      }
    }
  };
  const register = (): void => {
    if (isRegistered) return;
    isRegistered = true;
    outlet.whenReady(flush);
  };
  const flush = (): void => {
    isRegistered = false;
    if (state === 'done') return;
    if (waiting.length > 1) outlet.together(writeWaiting);
    else writeWaiting();
    if (waiting.length > 0) register();
    else if (state === 'ending') finish();
  };
  const discard = (): void => {
    state = 'done';
    waiting.length = 0;
    if (!isRegistered) return;
    isRegistered = false;
    outlet.forget(flush);
  };
  const keep = (event: StreamEvent): void => {
    if (waiting.length >= limit) {
      if (policy === 'disconnect') {
        const lost = waiting.length + 1;
        discard();
        options.onDropped(lost);
        options.onOverflow();
        return;
      }
      waiting.shift();
      dropped += 1;
      options.onDropped(1);
    }
    waiting.push(event);
    register();
  };
  const pushOne = (event: StreamEvent): void => {
    if (state !== 'open') return;
    if (waiting.length === 0 && !outlet.isCongested()) write(event);
    else keep(event);
  };

  return {
    push: (events) => {
      if (events.length === 1) return pushOne(events[0] as StreamEvent);
      outlet.together(() => events.forEach(pushOne));
    },
    end: (reason) => {
      if (state !== 'open') return;
      failure = reason;
      if (waiting.length === 0) return finish();
      state = 'ending';
    },
    discard,
  };
}
