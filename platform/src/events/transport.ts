import type { EventEnvelope } from './envelope.js';

/** A running subscription; `stop` resolves when no handler runs any more and none will be called. */
export interface EventSubscription {
  stop(): Promise<void>;
}

/** Called with events in order per key. When it rejects, the same events are delivered again. */
export type BatchHandler = (batch: readonly EventEnvelope[]) => Promise<void>;

/**
 * How events get from process to process. Delivery is at least once, order holds per key; effects are made exactly
 * once by the consumer's inbox, not here. Every implementation passes the same contract tests.
 */
export interface EventTransport {
  readonly kind: 'postgres' | 'kafka';
  /** Resolves when the batch is durable. Appending an id again is allowed. */
  append(batch: readonly EventEnvelope[]): Promise<void>;
  /**
   * One member of `group` gets each event; a new group starts at the beginning of what the log holds.
   * Progress is kept after the handler resolves. `batchSize` is a ceiling.
   */
  subscribe(
    topics: readonly string[],
    options: { readonly group: string; readonly batchSize?: number; readonly onBatch: BatchHandler },
  ): Promise<EventSubscription>;
  /** This process gets every event recorded at or after `since` (default: now), and keeps no progress. */
  tail(
    topics: readonly string[],
    options: { readonly since?: Date; readonly onEvent: (event: EventEnvelope) => void },
  ): Promise<EventSubscription>;
  /** Resolves when the transport answers; rejects with what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
