import { createConditionLog } from '../../../log/index.js';
import { backoffDelay } from '../../../pacing/index.js';
import type { LogPosition } from '../log-position.js';
import type { EventSubscription, SubscribeOptions } from '../transport.js';
import type { KafkaClient } from './kafka-client.js';
import { placeGroup } from './kafka-group-start.js';
import { fromRecord } from './kafka-record.js';
import { openKafkaSession } from './kafka-session.js';
import { superviseKafkaSession } from './kafka-supervisor.js';
import { kafkaTopics } from './kafka-topics.js';

const DEFAULT_BATCH_SIZE = 500;
const RETRY = { baseMs: 100, capMs: 5_000 };

/**
 * Consumes as a member of `group`. A handler that rejects is called again with the same events; kafkajs never sees it.
 * Resolves when the place of a new group is fixed, or, when no broker answers, at once.
 */
export async function startKafkaSubscription(
  client: KafkaClient,
  topics: readonly string[],
  options: SubscribeOptions & { readonly onFatal: (error: Error) => void },
): Promise<EventSubscription> {
  const { group, onBatch, onFatal, batchSize = DEFAULT_BATCH_SIZE, startAt = 'beginning' } = options;
  const wanted = kafkaTopics(client, topics);
  const condition = createConditionLog(client.logger, `handler of event group ${group}`);
  // An end that is asked for while no broker answers is what is recorded from now on.
  const late: LogPosition = startAt === 'end' ? { time: new Date() } : startAt;
  let isPlaced = startAt === 'beginning';
  /** One batch at a time, also when the session before this one has one in its hands. */
  let active: Promise<unknown> = Promise.resolve();

  /** Fixes the place of a new group, once: a topic that comes later is read from its beginning. */
  async function place(known: readonly string[], position: LogPosition): Promise<void> {
    if (isPlaced) return;
    await placeGroup(client, { group, topics: known, startAt: position });
    isPlaced = true;
  }

  try {
    if (!isPlaced) {
      await client.check();
      await place(await wanted.resolve(), startAt);
    }
  } catch (error) {
    // The supervisor reports it when it finds the same.
    client.logger.debug({ err: error, group }, 'the place of an event group is fixed later');
  }
  const session = superviseKafkaSession(client, {
    subject: `event group ${group}`,
    topics: wanted,
    onFatal,
    open: async (self, known) => {
      await place(known, late);
      // A session that was given up may still have a batch in its hands (kafkajs issue 1593).
      let over = false;
      const opened = await openKafkaSession(client, {
        groupId: group,
        topics: known,
        chunkSize: batchSize,
        commit: true,
        onProgress: self.onProgress,
        onChunk: (messages, at) => {
          const handled = active.then(() =>
            handleUntilDone(
              () => onBatch(messages.map((message) => fromRecord(message, at))),
              () => over || self.isStopped(),
              self.pause,
            ),
          );
          active = handled;
          return handled;
        },
      });
      return {
        ...opened,
        close: () => {
          over = true;
          return opened.close();
        },
      };
    },
  });

  async function handleUntilDone(
    handle: () => Promise<void>,
    isOver: () => boolean,
    pause: (milliseconds: number) => Promise<void>,
  ): Promise<boolean> {
    for (let failures = 0; !isOver();) {
      try {
        await handle();
        condition.works();
        return true;
      } catch (error) {
        failures += 1;
        condition.fails(error);
        await pause(backoffDelay(failures, RETRY));
      }
    }
    return false;
  }

  return {
    async stop() {
      await session.stop();
      // The session gives up waiting after a while; whoever stops us must know that no handler runs.
      await active;
    },
  };
}
