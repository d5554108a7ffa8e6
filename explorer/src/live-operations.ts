import type { ExecutionResult } from 'graphql';
import type { EventLog } from './event-log.js';
import { createStore } from './store.js';
import type { Store } from './store.js';
import { subscribe } from './transports.js';
import type { Sink, SubscriptionRequest, Transport } from './transports.js';

/** A subscription that runs. */
export interface LiveOperation {
  readonly id: number;
  readonly title: string;
  readonly transport: Transport;
  /** Name of the account, or `anonymous`. */
  readonly account: string;
  stop(): void;
}

export type LiveDescription = Pick<LiveOperation, 'title' | 'transport' | 'account'>;

/** All subscriptions of the page, those of the tab in front and those that go on behind it. */
export interface LiveOperations {
  readonly running: Store<readonly LiveOperation[]>;
  /** Subscribes, and iterates for the response pane. */
  open(request: SubscriptionRequest, description: LiveDescription): AsyncIterableIterator<ExecutionResult>;
  /** To be called with every state of the tabs. */
  tabsChanged(tabs: Tabs): void;
}

export interface Tabs {
  readonly active: string | undefined;
  readonly ids: readonly string[];
}

export function createLiveOperations(log: EventLog): LiveOperations {
  const running = createStore<readonly LiveOperation[]>([]);
  const attached = new Set<() => void>();
  let tabs: Tabs = { active: undefined, ids: [] };
  let lastId = 0;

  function start(request: SubscriptionRequest, description: LiveDescription, pane: Sink): LiveOperation {
    const id = ++lastId;
    const { title, transport, account } = description;
    const record = (kind: 'event' | 'error' | 'end', payload: unknown): void =>
      log.add({ title, transport, account, kind, payload });
    let isOver = false;
    const finish = (): boolean => {
      if (isOver) return false;
      isOver = true;
      running.set(running.get().filter((operation) => operation.id !== id));
      return true;
    };
    const end = subscribe(transport, request, {
      next: (result) => {
        if (isOver) return;
        record('event', result);
        pane.next(result);
      },
      error: (error) => {
        if (!finish()) return;
        record('error', error instanceof Error ? error.message : error);
        pane.error(error);
      },
      complete: () => {
        if (!finish()) return;
        record('end', 'The server ended it.');
        pane.complete();
      },
    });
    const operation: LiveOperation = {
      ...description,
      id,
      stop: () => {
        if (!finish()) return;
        end();
        record('end', 'Stopped here.');
        pane.complete();
      },
    };
    running.set([...running.get(), operation]);
    return operation;
  }

  return {
    running,
    open: (request, description) => {
      const results = createResultQueue();
      const operation = start(request, description, results);
      const detach = (): void => {
        attached.delete(detach);
        results.complete();
      };
      attached.add(detach);
      const tab = tabs.active;
      const iterator: AsyncIterableIterator<ExecutionResult> = {
        next: () => results.take(),
        return: () => {
          detach();
          // GraphiQL stops a subscription when its button is pressed, and also when another tab comes to the front; it
          // tells of the tab only just afterwards. One whose tab is still there behind goes on, in the event log.
          queueMicrotask(() => {
            if (tabs.active === tab || !tabs.ids.includes(tab ?? '')) operation.stop();
          });
          return Promise.resolve({ done: true, value: undefined });
        },
        [Symbol.asyncIterator]: () => iterator,
      };
      return iterator;
    },
    tabsChanged: (next) => {
      const isOther = next.active !== tabs.active;
      tabs = next;
      // A new tab has come to the front: the events of the former one must not show up in it.
      if (isOther) for (const detach of attached) detach();
    },
  };
}

/** What was pushed, to be taken one by one. */
function createResultQueue(): Sink & { take(): Promise<IteratorResult<ExecutionResult>> } {
  const waiting: ExecutionResult[] = [];
  let outcome: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const finish = (how: { readonly error?: unknown }): void => {
    outcome ??= how;
    wake?.();
  };
  return {
    next: (result) => {
      waiting.push(result);
      wake?.();
    },
    error: (error) => finish({ error }),
    complete: () => finish({}),
    take: async () => {
      while (waiting.length === 0 && outcome === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const value = waiting.shift();
      if (value !== undefined) return { done: false, value };
      if (outcome !== undefined && 'error' in outcome) throw outcome.error;
      return { done: true, value: undefined };
    },
  };
}
