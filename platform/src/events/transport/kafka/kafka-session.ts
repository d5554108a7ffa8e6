import type { Consumer, ConsumerGroupJoinEvent, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { KafkaClient } from './kafka-client.js';
import { createCommits } from './kafka-commits.js';
import type { Commits } from './kafka-commits.js';

const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 1_500;
const REBALANCE_TIMEOUT_MS = 30_000;
/** A broker holds a fetch for so long when there is nothing; `stop` may have to wait for it. */
const MAX_WAIT_MS = 1_000;
/** kafkajs keeps what it has fetched in memory. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_BYTES_PER_PARTITION = 512 * 1024;
/**
 * kafkajs 2.2.4 can hang without an error (its issues 1163, 501, 267), and it asks again on a connection that is dead
 * and that nobody closed: silence for so long ends the session. The group has given up this member by then.
 */
const SILENCE_MS = 1.5 * SESSION_TIMEOUT_MS;
/** The broker answers who joins when all others have: they may finish what they have in their hands. */
const JOIN_SILENCE_MS = REBALANCE_TIMEOUT_MS + SESSION_TIMEOUT_MS;
const DISCONNECT_TIMEOUT_MS = 10_000;
/** So many fetches without a message are called idle. */
const IDLE_FETCHES = 3;

/** One kafkajs consumer, from joining its group until it breaks or is closed. */
export interface KafkaSession {
  /** Resolves with the reason when the session is over, other than by `close`. */
  readonly ended: Promise<Error>;
  /** True once the broker has answered a fetch or a heartbeat. */
  hasProgressed(): boolean;
  /**
   * Leaves the group and disconnects, or gives up on that after 10 s. Of a session that fell silent it does not wait
   * for that, as the next one need not either.
   */
  close(): Promise<void>;
  /** Resolves when what `close` began is over. */
  readonly disconnected: Promise<void>;
}

/** Where a message is. */
export interface KafkaPlace {
  readonly topic: string;
  readonly partition: number;
}

/** What a session does with messages. */
export interface KafkaSessionOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Messages of one partition in a call at the most. */
  readonly chunkSize: number;
  /** Takes effect of messages; must not reject. False: it did not, end here, they are delivered again. */
  readonly onChunk: (messages: readonly KafkaMessage[], place: KafkaPlace) => Promise<boolean>;
  /** Commit after each chunk. A tail does not: it keeps its place in memory. */
  readonly commit: boolean;
  /** Everything before the offset is handled, also what never becomes a message: marks of transactions, for instance. */
  readonly onPassed?: ((place: KafkaPlace, next: bigint) => void) | undefined;
  /** The broker had nothing for some seconds. */
  readonly onIdle?: (() => void) | undefined;
  /** Called when the group was joined, before anything is fetched: the moment to seek. */
  readonly onJoin?: ((consumer: Consumer) => void) | undefined;
  readonly onProgress: () => void;
}

/** Joins the group and consumes. Rejects when that is not possible now. */
export async function openKafkaSession(client: KafkaClient, options: KafkaSessionOptions): Promise<KafkaSession> {
  const consumer = client.kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytes: MAX_BYTES,
    maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
    allowAutoTopicCreation: false,
    // A crash ends the session, and the supervisor opens another: one place that restarts.
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: () => Promise.resolve(false) },
  });
  let progressed = false;
  let lastSign = Date.now();
  let end: (reason: Error) => void = () => undefined;
  const ended = new Promise<Error>((resolve) => (end = resolve));
  const sign = () => {
    lastSign = Date.now();
    progressed = true;
    options.onProgress();
  };
  let emptyFetches = 0;
  consumer.on(consumer.events.FETCH, () => {
    sign();
    emptyFetches += 1;
    if (emptyFetches % IDLE_FETCHES === 0) options.onIdle?.();
  });
  consumer.on(consumer.events.START_BATCH_PROCESS, () => (emptyFetches = 0));
  // kafkajs passes over a batch without messages by itself, and does not call `eachBatch`.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
    if (batchSize === 0) options.onPassed?.({ topic, partition }, BigInt(lastOffset) + 1n);
  });
  consumer.on(consumer.events.HEARTBEAT, sign);
  consumer.on(consumer.events.CRASH, ({ payload }) => end(payload.error));
  const commits = createCommits();
  let bound = JOIN_SILENCE_MS;
  let isSilent = false;
  consumer.on(consumer.events.REBALANCING, () => (bound = JOIN_SILENCE_MS));
  consumer.on(consumer.events.GROUP_JOIN, (_: ConsumerGroupJoinEvent) => {
    bound = SILENCE_MS;
    lastSign = Date.now();
    // What failed as a member of the generation before says nothing about this one.
    commits.forget();
    options.onJoin?.(consumer);
  });
  const watchdog = setInterval(() => {
    if (Date.now() - lastSign <= bound) return;
    isSilent = true;
    end(new Error(`no fetch and no heartbeat for ${bound} ms`));
  }, HEARTBEAT_MS);
  let showDisconnected: () => void = () => undefined;
  const disconnected = new Promise<void>((resolve) => (showDisconnected = resolve));
  const close = async () => {
    clearInterval(watchdog);
    const disconnecting = disconnect(client, consumer).then(showDisconnected);
    if (isSilent) return;
    await disconnecting;
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Equal keys on different topics must not be processed at the same time.
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => processChunks(payload, options, commits),
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { ended, close, disconnected, hasProgressed: () => progressed };
}

/** Only errors of kafkajs itself leave this function: it knows what to do with them (join again, retry). */
async function processChunks(payload: EachBatchPayload, options: KafkaSessionOptions, commits: Commits): Promise<void> {
  const { batch, resolveOffset, commitOffsetsIfNecessary, isRunning, isStale } = payload;
  const place = { topic: batch.topic, partition: batch.partition };
  for (let from = 0; from < batch.messages.length; from += options.chunkSize) {
    if (!isRunning() || isStale()) return;
    const chunk = batch.messages.slice(from, from + options.chunkSize);
    const last = chunk.at(-1);
    if (last === undefined) return;
    if (!(await underHeartbeat(payload, () => options.onChunk(chunk, place)))) return;
    resolveOffset(last.offset);
    if (options.commit) {
      const offset = String(BigInt(last.offset) + 1n);
      await commits.next(() =>
        commitOffsetsIfNecessary({
          topics: [{ topic: place.topic, partitions: [{ partition: place.partition, offset }] }],
        }),
      );
    }
    await payload.heartbeat();
  }
  options.onPassed?.(place, BigInt(batch.lastOffset()) + 1n);
}

/** Keeps the membership alive while `work` runs; rejects afterwards when it was lost: then `work` may happen again. */
async function underHeartbeat<T>({ heartbeat }: EachBatchPayload, work: () => Promise<T>): Promise<T> {
  let lost: unknown;
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      lost ??= error;
    });
  }, HEARTBEAT_MS);
  try {
    const result = await work();
    if (lost !== undefined) throw lost;
    return result;
  } finally {
    clearInterval(timer);
  }
}

async function disconnect({ logger }: KafkaClient, consumer: Consumer): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DISCONNECT_TIMEOUT_MS);
  });
  const gone = consumer
    .disconnect()
    .catch((error: unknown) => logger.debug({ err: error }, 'kafka consumer did not disconnect'));
  await Promise.race([gone, late]);
  clearTimeout(timer);
}
