import { backoffDelay } from './backoff.js';
import { createConditionLog } from './condition-log.js';
import type { KafkaClient } from './kafka-client.js';
import { fromRecord } from './kafka-record.js';
import { openKafkaSession } from './kafka-session.js';
import { superviseKafkaSession } from './kafka-supervisor.js';
import type { BatchHandler, EventSubscription } from './transport.js';

const DEFAULT_BATCH_SIZE = 500;
const RETRY = { baseMs: 100, capMs: 5_000 };

/** Consumes as a member of `group`. A handler that rejects is called again with the same events; kafkajs never sees it. */
export function startKafkaSubscription(
  client: KafkaClient,
  topics: readonly string[],
  options: {
    readonly group: string;
    readonly batchSize?: number | undefined;
    readonly onBatch: BatchHandler;
    readonly onFatal: (error: Error) => void;
  },
): EventSubscription {
  const { group, onBatch, onFatal, batchSize = DEFAULT_BATCH_SIZE } = options;
  const condition = createConditionLog(client.logger, `handler of event group ${group}`);
  let active: Promise<unknown> = Promise.resolve();

  const session = superviseKafkaSession(client, {
    subject: `event group ${group}`,
    topics,
    onFatal,
    open: (self) => {
      // A session that was given up may still have a batch in its hands (kafkajs issue 1593).
      let over = false;
      const opening = openKafkaSession(client, {
        groupId: group,
        topics,
        chunkSize: batchSize,
        commit: true,
        onProgress: self.onProgress,
        onChunk: (messages, place) => {
          const handled = handleUntilDone(
            () => onBatch(messages.map((message) => fromRecord(message, place))),
            () => over || self.isStopped(),
            self.pause,
          );
          active = handled;
          return handled;
        },
      });
      return opening.then((opened) => ({
        ...opened,
        close: () => {
          over = true;
          return opened.close();
        },
      }));
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
