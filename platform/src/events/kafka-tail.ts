import type { Consumer } from 'kafkajs';
import { uuidv7 } from '../ids/index.js';
import { createConditionLog } from './condition-log.js';
import type { EventEnvelope } from './envelope.js';
import { UnsuitableBrokerError } from './kafka-broker-check.js';
import type { KafkaClient } from './kafka-client.js';
import { fromRecord } from './kafka-record.js';
import { openKafkaSession } from './kafka-session.js';
import type { KafkaSession } from './kafka-session.js';
import { superviseKafkaSession } from './kafka-supervisor.js';
import type { EventSubscription } from './transport.js';

const CHUNK_SIZE = 500;

/** The next offset of each partition, by topic. */
type Positions = Map<string, Map<number, bigint>>;

/**
 * Shows every event of `topics` to this process. kafkajs only consumes in groups, so each session is a group of its
 * own, which is deleted afterwards; its place is kept here, not in the group. Resolves when the place to start at is
 * known, or, when no broker answers, at once: then everything recorded from this moment on is shown later.
 */
export async function startKafkaTail(
  client: KafkaClient,
  topics: readonly string[],
  options: {
    readonly since?: Date | undefined;
    readonly onEvent: (event: EventEnvelope) => void;
    readonly onFatal: (error: Error) => void;
  },
): Promise<EventSubscription> {
  const { logger } = client;
  const condition = createConditionLog(logger, `event tail of ${topics.join(', ')}`);
  const calledAt = new Date();
  let positions: Positions | undefined;

  function show(event: EventEnvelope): void {
    try {
      options.onEvent(event);
    } catch (error) {
      logger.error({ err: error, eventId: event.id, type: event.type }, 'event tail: onEvent threw');
    }
  }

  async function open(
    from: Positions,
    self: { readonly onProgress: () => void; isStopped(): boolean },
  ): Promise<KafkaSession> {
    const groupId = `${client.clientId}-tail-${uuidv7()}`;
    const session = await openKafkaSession(client, {
      groupId,
      topics,
      chunkSize: CHUNK_SIZE,
      commit: false,
      onProgress: self.onProgress,
      onJoin: (consumer) => seek(consumer, from),
      onChunk: (messages, place) => {
        for (const message of messages) {
          if (self.isStopped()) return Promise.resolve(false);
          const next = BigInt(message.offset) + 1n;
          // Before the place to start at, or seen before the group was joined anew.
          if (next <= (from.get(place.topic)?.get(place.partition) ?? 0n)) continue;
          from.get(place.topic)?.set(place.partition, next);
          show(fromRecord(message, place));
        }
        return Promise.resolve(true);
      },
    });
    return {
      ...session,
      close: async () => {
        await session.close();
        await client
          .withAdmin((admin) => admin.deleteGroups([groupId]))
          .catch((error: unknown) =>
            logger.debug({ err: error, groupId }, 'group of a tail was not deleted; it expires'),
          );
      },
    };
  }

  try {
    await client.check();
    positions = await locate(client, topics, options.since);
  } catch (error) {
    if (error instanceof UnsuitableBrokerError) throw error;
    condition.fails(error);
  }
  const session = superviseKafkaSession(client, {
    subject: `event tail of ${topics.join(', ')}`,
    topics,
    onFatal: options.onFatal,
    open: async (self) => {
      positions ??= await locate(client, topics, options.since ?? calledAt);
      return open(positions, self);
    },
  });
  return { stop: session.stop };
}

/** The first offsets at or after `since`; without it, the ends. */
async function locate(client: KafkaClient, topics: readonly string[], since: Date | undefined): Promise<Positions> {
  await client.ensureTopics(topics);
  return client.withAdmin(async (admin) => {
    const positions: Positions = new Map();
    for (const topic of topics) {
      const offsets =
        since === undefined
          ? await admin.fetchTopicOffsets(topic)
          : await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
      positions.set(topic, new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)])));
    }
    return positions;
  });
}

function seek(consumer: Consumer, positions: Positions): void {
  for (const [topic, partitions] of positions) {
    for (const [partition, offset] of partitions) consumer.seek({ topic, partition, offset: String(offset) });
  }
}
