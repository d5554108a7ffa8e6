import { createStore } from './store.js';
import type { Store } from './store.js';
import type { Transport } from './transports.js';

/** Something that a subscription told. */
export interface LogEntry {
  readonly id: number;
  readonly at: Date;
  /** Name of the operation. */
  readonly title: string;
  readonly transport: Transport;
  readonly account: string;
  readonly kind: 'event' | 'error' | 'end';
  readonly payload: unknown;
}

/** What all subscriptions told, newest first. */
export interface EventLog {
  readonly entries: Store<readonly LogEntry[]>;
  add(entry: Omit<LogEntry, 'id' | 'at'>): void;
  clear(): void;
}

/** Older ones are dropped. */
const MOST_ENTRIES = 500;

export function createEventLog(): EventLog {
  const entries = createStore<readonly LogEntry[]>([]);
  let lastId = 0;
  return {
    entries,
    add: (entry) =>
      entries.set([{ ...entry, id: ++lastId, at: new Date() }, ...entries.get().slice(0, MOST_ENTRIES - 1)]),
    clear: () => entries.set([]),
  };
}
