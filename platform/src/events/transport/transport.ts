import type { EventEnvelope } from '../envelope.js';
import type { LogPosition } from './log-position.js';

/** A running subscription; `stop` resolves when no handler runs any more and none will be called. */
export interface EventSubscription {
  stop(): Promise<void>;
}

/** A running tail. */
export interface EventTail extends EventSubscription {
  /**
   * Resolves once every event has been shown that was in the log when the tail began, counted from its `since`. A log
   * that does not answer keeps it pending until it was really read; it never rejects, and `stop` leaves it pending.
   */
  readonly caughtUp: Promise<void>;
}

/** Called with events in order per key. When it rejects, the same events are delivered again. */
export type BatchHandler = (batch: readonly EventEnvelope[]) => Promise<void>;

/** How a consumer group reads. */
export interface SubscribeOptions {
  readonly group: string;
  /** A ceiling of events in a call. */
  readonly batchSize?: number | undefined;
  /**
   * Where a group begins that the log has never seen; default 'beginning'. One that has been seen goes on where it was.
   * When the log answers, the place is fixed before `subscribe` resolves; 'end' is the end at the time of the call.
   */
  readonly startAt?: LogPosition | undefined;
  readonly onBatch: BatchHandler;
}

/** How a process watches. */
export interface TailOptions {
  /** Default: now. */
  readonly since?: Date | undefined;
  /** What it throws is logged, and the next event is shown. */
  readonly onEvent: (event: EventEnvelope) => void;
}

/** What to read again. */
export interface ReplayOptions {
  readonly from: LogPosition;
  /** A ceiling of events in a call. */
  readonly batchSize?: number | undefined;
  /** When it rejects, so does the replay: nothing is delivered again. */
  readonly onBatch: BatchHandler;
  /** Ends the replay, which rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a group has not taken yet. */
export interface GroupLag {
  /** Exact on Postgres; on Kafka the distance of offsets, which counts what the broker keeps for itself as well. */
  readonly events: number;
  /** When the oldest of them came into the log; null when there is none, or when the log cannot tell. */
  readonly oldestAt: Date | null;
}

/**
 * How events get from process to process. Delivery is at least once, order holds per key; effects are made exactly
 * once by the consumer's inbox, not here. Every implementation passes the same contract tests.
 *
 * `topics` are names or patterns (`orion.*`, see `isPattern`). A topic that comes to be later and matches is read from
 * its beginning: at once on Postgres, within 30 s on Kafka. One that is no name and no pattern is an error.
 */
export interface EventTransport {
  readonly kind: 'postgres' | 'kafka';
  /** Resolves when the batch is durable. Appending an id again is allowed. */
  append(batch: readonly EventEnvelope[]): Promise<void>;
  /** One member of `group` gets each event. Progress is kept after the handler resolves. */
  subscribe(topics: readonly string[], options: SubscribeOptions): Promise<EventSubscription>;
  /** This process gets every event recorded at or after `since`, and keeps no progress. */
  tail(topics: readonly string[], options: TailOptions): Promise<EventTail>;
  /**
   * Reads once from `from` to what the log held when called, in order per key. It keeps no progress and disturbs no
   * group. Resolves with the number of events; rejects when the log does not answer at the start.
   */
  replay(topics: readonly string[], options: ReplayOptions): Promise<{ readonly events: number }>;
  /** Rejects when the log does not answer. A group that the log has never seen has taken nothing. */
  lag(group: string, topics: readonly string[]): Promise<GroupLag>;
  /** Resolves when the transport answers; rejects with what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
