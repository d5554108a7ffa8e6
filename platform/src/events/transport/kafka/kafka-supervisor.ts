import { createConditionLog } from '../../../log/index.js';
import { backoffDelay, createWakeUp } from '../../../pacing/index.js';
import { UnsuitableBrokerError } from './kafka-broker-check.js';
import type { KafkaClient } from './kafka-client.js';
import type { KafkaSession } from './kafka-session.js';
import { watchTopics } from './kafka-topic-watch.js';
import type { KafkaTopics } from './kafka-topics.js';

const RETRY = { baseMs: 200, capMs: 10_000 };
/** So many sessions in a row that got nowhere although the broker answers: kafkajs is broken in this process. */
const HOPELESS_SESSIONS = 3;

/** A session that is opened again whenever it breaks. */
export interface SupervisedSession {
  /** Call from the session when it makes progress. */
  readonly onProgress: () => void;
  /** True once `stop` was called. */
  isStopped(): boolean;
  /** Waits before the next attempt at the same messages; returns early on `stop`. */
  pause(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps one session open until `stop`. An outage is logged once and waited for. `onFatal` is called, and nothing tried
 * any more, when waiting is of no use: the broker is unsuitable, or sessions get nowhere while it answers.
 */
export function superviseKafkaSession(
  client: KafkaClient,
  options: {
    readonly subject: string;
    readonly topics: KafkaTopics;
    /** Never called without topics. */
    readonly open: (self: SupervisedSession, topics: readonly string[]) => Promise<KafkaSession>;
    readonly onFatal: (error: Error) => void;
  },
): SupervisedSession {
  const condition = createConditionLog(client.logger, options.subject);
  const halt = createWakeUp();
  let end: () => void = () => undefined;
  const stopping = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  let stopped = false;
  /** Of sessions that fell silent. */
  const remains = new Set<Promise<void>>();
  let failures = 0;
  let hopeless = 0;

  const self: SupervisedSession = {
    onProgress: () => {
      condition.works();
      failures = 0;
    },
    isStopped: () => stopped,
    pause: (milliseconds) => (stopped ? Promise.resolve() : halt.sleep(milliseconds)),
    async stop() {
      stopped = true;
      end();
      halt.wake();
      await running;
      await Promise.all(remains);
    },
  };

  async function turn(): Promise<void> {
    await client.check();
    // From here on the broker answers.
    const topics = await options.topics.resolve();
    const watch = watchTopics(client, { wanted: options.topics, known: topics });
    let reason: Error | undefined;
    let session: KafkaSession | undefined;
    try {
      if (topics.length > 0) session = await options.open(self, topics);
      else condition.works();
      reason = await Promise.race([session?.ended ?? watch.changed, watch.changed, stopping]);
    } finally {
      watch.stop();
      if (session !== undefined) await close(session);
    }
    if (reason === undefined || session === undefined) return;
    hopeless = session.hasProgressed() ? 0 : hopeless + 1;
    throw reason;
  }

  async function close(session: KafkaSession): Promise<void> {
    const remain = session.disconnected.finally(() => remains.delete(remain));
    remains.add(remain);
    await session.close();
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await turn();
      } catch (error) {
        if (error instanceof UnsuitableBrokerError) return options.onFatal(error);
        if (hopeless >= HOPELESS_SESSIONS) {
          return options.onFatal(
            new Error(`${options.subject}: ${hopeless} sessions got nowhere while the broker answers`, {
              cause: error,
            }),
          );
        }
        failures += 1;
        condition.fails(error);
        await self.pause(backoffDelay(failures, RETRY));
      }
    }
  }

  const running = run();
  return self;
}
