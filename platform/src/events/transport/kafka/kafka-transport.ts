import { Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import type { EventEnvelope } from '../../envelope.js';
import { assertLogPosition } from '../log-position.js';
import type { EventSubscription, EventTransport } from '../transport.js';
import { createKafkaClient } from './kafka-client.js';
import type { KafkaClientOptions } from './kafka-client.js';
import { readKafkaLag } from './kafka-lag.js';
import { toRecord } from './kafka-record.js';
import { replayKafkaLog } from './kafka-replay.js';
import { startKafkaSubscription } from './kafka-subscription.js';
import { startKafkaTail } from './kafka-tail.js';

/** All in-sync replicas have the batch before it counts as appended. */
const ALL_REPLICAS = -1;
const APPEND_TIMEOUT_MS = 15_000;
/** kafkajs asks for minutes on a connection that is dead and that nobody closed. The relay tries again. */
const APPEND_DEADLINE_MS = 20_000;
const CLOSE_TIMEOUT_MS = 10_000;

/** Events through Kafka 3.9 or 4.x. */
export interface KafkaTransportOptions extends KafkaClientOptions {
  /**
   * The process cannot go on with this broker, or with kafkajs in its present state: stop, so that a supervisor starts
   * it afresh.
   */
  readonly onFatal: (error: Error) => void;
}

/**
 * Topics are created with 6 partitions; the record key decides the partition as in Java clients. An outage is waited
 * for; only `append` and `ping` reject, and `tail` when the broker is unsuitable. kafkajs is no longer maintained: every
 * consumer has a watchdog, and every failed producer is replaced.
 */
export function createKafkaTransport(options: KafkaTransportOptions): EventTransport {
  const { logger, onFatal } = options;
  const client = createKafkaClient(options);
  const running = new Set<EventSubscription>();
  /** Producers that are disconnecting. */
  const dropped = new Set<Promise<void>>();
  let producer: Promise<Producer> | undefined;
  let closed: Promise<void> | undefined;

  async function connectProducer(): Promise<Producer> {
    // Without this, kafkajs reports a wrong port as a protocol error that explains nothing.
    await client.check();
    const connected = client.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await connected.connect();
    return connected;
  }

  async function append(batch: readonly EventEnvelope[]): Promise<void> {
    if (batch.length === 0) return;
    const topics = [...new Set(batch.map(({ topic }) => topic))];
    producer ??= connectProducer();
    const used = producer;
    try {
      await within(APPEND_DEADLINE_MS, send(used, topics, batch));
    } catch (error) {
      if (producer === used) producer = undefined;
      drop(used);
      throw error;
    }
  }

  async function send(
    used: Promise<Producer>,
    topics: readonly string[],
    batch: readonly EventEnvelope[],
  ): Promise<void> {
    const connected = await used;
    await client.ensureTopics(topics);
    await connected.sendBatch({
      acks: ALL_REPLICAS,
      timeout: APPEND_TIMEOUT_MS,
      topicMessages: topics.map((topic) => ({
        topic,
        messages: batch.filter((event) => event.topic === topic).map(toRecord),
      })),
    });
  }

  function drop(used: Promise<Producer>): void {
    const disconnected = used
      .then((connected) => connected.disconnect())
      .catch((error: unknown) => logger.debug({ err: error }, 'kafka producer did not disconnect'))
      .finally(() => dropped.delete(disconnected));
    dropped.add(disconnected);
  }

  function track<Subscription extends EventSubscription>(subscription: Subscription): Subscription {
    const tracked: Subscription = {
      ...subscription,
      async stop() {
        await subscription.stop();
        running.delete(tracked);
      },
    };
    running.add(tracked);
    return tracked;
  }

  async function close(): Promise<void> {
    await Promise.all([...running].map((subscription) => subscription.stop()));
    if (producer !== undefined) drop(producer);
    await within(CLOSE_TIMEOUT_MS, Promise.all(dropped)).catch((error: unknown) =>
      logger.debug({ err: error }, 'kafka producers did not disconnect in time'),
    );
  }

  return {
    kind: 'kafka',
    append,
    async subscribe(topics, subscription) {
      assertLogPosition(subscription.startAt ?? 'beginning');
      return track(await startKafkaSubscription(client, topics, { ...subscription, onFatal }));
    },
    async replay(topics, replay) {
      assertLogPosition(replay.from);
      return replayKafkaLog(client, topics, replay);
    },
    lag: async (group, topics) => readKafkaLag(client, group, topics),
    tail: async (topics, tail) => track(await startKafkaTail(client, topics, { ...tail, onFatal })),
    ping: () => client.check(),
    close: () => (closed ??= close()),
  };
}

/** Rejects when `work` takes longer; what it does then is not waited for. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Kafka did not answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
