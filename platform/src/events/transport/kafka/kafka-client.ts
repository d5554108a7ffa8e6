import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { readKafkaBrokers } from '../../../config/index.js';
import type { KafkaSecurity } from '../../../config/index.js';
import type { Logger } from '../../../log/index.js';
import { checkKafkaBroker, UnsuitableBrokerError } from './kafka-broker-check.js';
import { kafkajsConnection } from './kafkajs-connection.js';

const CONNECTION_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Of a topic that is created here. */
export const PARTITIONS = 6;
const MAX_REPLICAS = 3;
const LEADERS_TIMEOUT_MS = 10_000;
const LEADERS_POLL_MS = 50;

/** What producers, consumers and tails of one process share. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly clientId: string;
  readonly logger: Logger;
  /** Resolves when a broker answers that can do what is needed; see `checkKafkaBroker`. */
  check(): Promise<void>;
  /** Creates those topics that do not exist. Asks the broker once a topic. */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /** Runs `work` with a connected admin client of its own. */
  withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T>;
}

/** Where the brokers are, and who wants to know. */
export interface KafkaClientOptions {
  /** `host:port` of broker listeners, not of KRaft controllers. */
  readonly brokers: readonly string[];
  readonly security?: KafkaSecurity | undefined;
  readonly clientId: string;
  readonly logger: Logger;
  /** Called whenever a broker turns out to be one that will never do, besides the error that says so. */
  readonly onFatal?: ((error: Error) => void) | undefined;
}

/** Opens nothing yet. Throws when `brokers` are not addresses. */
export function createKafkaClient(options: KafkaClientOptions): KafkaClient {
  const { security = {}, clientId, logger } = options;
  const { addresses: brokers, problems } = readKafkaBrokers(options.brokers.join(','));
  if (problems.length > 0) throw new Error(`KAFKA_BROKERS: ${problems.join('; ')}`);
  const kafka = new Kafka({
    ...kafkajsConnection(brokers, security),
    clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Those who use it wait and try again themselves, and say so once.
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: logLevel.INFO,
    // Its errors are repeated at every attempt, and what matters of them reaches our own log through the callers.
    logCreator:
      () =>
      ({ namespace, log: { message, timestamp: _, ...details } }) =>
        logger.debug({ kafkajs: namespace, ...details }, message),
  });
  const known = new Set<string>();

  async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  async function check(): Promise<void> {
    try {
      await checkKafkaBroker(brokers, security);
    } catch (error) {
      if (error instanceof UnsuitableBrokerError) options.onFatal?.(error);
      throw error;
    }
  }

  return {
    kafka,
    clientId,
    logger,
    withAdmin,
    check,
    async ensureTopics(topics) {
      const unknown = topics.filter((topic) => !known.has(topic));
      if (unknown.length === 0) return;
      await withAdmin(async (admin) => {
        const existing = new Set(await admin.listTopics());
        const { brokers: nodes } = await admin.describeCluster();
        for (const topic of unknown.filter((name) => !existing.has(name))) {
          // Resolves to false when another process was faster, which may still be waiting for the leaders.
          await admin.createTopics({
            topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: Math.min(MAX_REPLICAS, nodes.length) }],
            waitForLeaders: true,
          });
        }
        await waitForLeaders(admin, unknown);
      });
      for (const topic of unknown) known.add(topic);
    },
  };
}

/** A member that joins a group before the partitions have leaders would be assigned none of them for minutes. */
async function waitForLeaders(admin: Admin, topics: readonly string[]): Promise<void> {
  const deadline = Date.now() + LEADERS_TIMEOUT_MS;
  for (;;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
      if (
        metadata.topics.every(
          ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
        )
      ) {
        // Metadata comes from whichever broker; offsets are answered by the leaders themselves.
        await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
        return;
      }
      if (Date.now() > deadline) throw new Error(`topics have no leaders: ${topics.join(', ')}`);
    } catch (error) {
      // A topic that was created a moment ago is not known everywhere, which kafkajs reports as an error.
      if (Date.now() > deadline) throw error;
    }
    await wait(LEADERS_POLL_MS);
  }
}
