import { Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import type { Logger } from '../log/index.js';
import type { EventEnvelope } from './envelope.js';
import { createKafkaClient } from './kafka-client.js';
import { toRecord } from './kafka-record.js';
import { startKafkaSubscription } from './kafka-subscription.js';
import { startKafkaTail } from './kafka-tail.js';
import type { EventSubscription, EventTransport } from './transport.js';

/** All in-sync replicas have the batch before it counts as appended. */
const ALL_REPLICAS = -1;
const APPEND_TIMEOUT_MS = 15_000;

/** Events through Kafka 3.9 or 4.x. */
export interface KafkaTransportOptions {
  /** `host:port` of broker listeners, not of KRaft controllers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  /**
   * The process cannot go on with this broker, or with kafkajs in its present state: stop, so that a supervisor starts
   * it afresh. Called at most once a subscription.
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
    } catch (error) {
      if (producer === used) producer = undefined;
      await drop(used);
      throw error;
    }
  }

  async function drop(used: Promise<Producer>): Promise<void> {
    await used
      .then((connected) => connected.disconnect())
      .catch((error: unknown) => logger.debug({ err: error }, 'kafka producer did not disconnect'));
  }

  function track(subscription: EventSubscription): EventSubscription {
    const tracked: EventSubscription = {
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
    if (producer !== undefined) await drop(producer);
  }

  return {
    kind: 'kafka',
    append,
    subscribe: (topics, subscription) =>
      Promise.resolve(track(startKafkaSubscription(client, topics, { ...subscription, onFatal }))),
    tail: async (topics, tail) => track(await startKafkaTail(client, topics, { ...tail, onFatal })),
    ping: () => client.check(),
    close: () => (closed ??= close()),
  };
}
