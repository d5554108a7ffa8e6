/** How a process reaches the transport. */
export type TransportPlan =
  | { readonly kind: 'postgres'; readonly busUrl: string }
  | { readonly kind: 'kafka'; readonly brokers: string };

/** Where the process kills itself with SIGKILL, as the number of the call (from 1), and what it does twice. */
export interface Hooks {
  /** After the transport has a batch, before it is deleted from the outbox. */
  readonly dieAfterAppend?: number;
  /** After the consumer's transaction, before the transport knows. */
  readonly dieAfterCommit?: number;
  /** In a handler, in the middle of a transaction. */
  readonly dieInHandler?: number;
  /** Every batch is appended twice. */
  readonly appendTwice?: boolean;
  /** Every batch is handed to the consumer twice. */
  readonly deliverTwice?: boolean;
}

/** Version 2 of the event has a property more. */
export type EventVersion = 1 | 2;

interface CommonPlan {
  readonly databaseUrl: string;
  readonly topic: string;
}

/** Transactions that write a row of `sent` and publish an event each. */
export interface ProducerPlan extends CommonPlan {
  readonly role: 'producer';
  /** Transactions a second, of all keys together; Infinity is written as 0. */
  readonly rate: number;
  readonly keys: number;
  /** Transactions at the same time; each key belongs to one. */
  readonly workers: number;
  /** Events in a transaction. */
  readonly perTransaction: number;
  /** Stops after so many events; 0: when told to. */
  readonly count: number;
  /** Every so many events one fails always, and one fails three times; 0: none. */
  readonly poisonEvery: number;
  readonly failThreeEvery: number;
  readonly paddingBytes: number;
  readonly version: EventVersion;
  /** Two producers at the same time need keys of their own. */
  readonly keyPrefix: string;
}

/** `startRelay` on the producer's database. */
export interface RelayPlan extends CommonPlan {
  readonly role: 'relay';
  readonly transport: TransportPlan;
  readonly hooks: Hooks;
}

/** `createEventBackbone` with one consumer that writes the ledger, and one that writes down the notices. */
export interface ConsumerPlan extends CommonPlan {
  readonly role: 'consumer';
  readonly transport: TransportPlan;
  readonly hooks: Hooks;
  readonly group: string;
  readonly ordering: 'none' | 'key';
  readonly batchSize: number;
  readonly retry: { readonly maxAttempts: number; readonly baseMs: number };
  /** Takes effect of a batch with one statement, where the consumer knows how. */
  readonly inBatches: boolean;
  /** The newest version of the event that it knows. */
  readonly version: EventVersion;
  /** Replays into the live group as soon as it runs, from a time (ISO 8601) or from the beginning. */
  readonly replayFrom?: 'beginning' | { readonly time: string };
}

export type ProcessPlan = ProducerPlan | RelayPlan | ConsumerPlan;

/** What a process tells the one that started it. */
export type ProcessMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'finished' }
  | { readonly type: 'replayed'; readonly events: number }
  | { readonly type: 'produced'; readonly stats: ProducerStats };

/** How the transactions of a producer went. */
export interface ProducerStats {
  readonly committed: number;
  readonly failed: number;
  /** The longest time between two commits, in milliseconds: what a caller would have waited. */
  readonly longestPauseMs: number;
}
