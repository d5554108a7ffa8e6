import type { KafkaClient } from './kafka-client.js';
import type { KafkaTopics } from './kafka-topics.js';

/** Kafka tells nobody of a new topic. With joining the group anew it must come within 30 s. */
const LOOK_MS = 5_000;

/** Looks for topics that come to be. */
export interface TopicWatch {
  /** Resolves when a topic matches that was not known. */
  readonly changed: Promise<undefined>;
  stop(): void;
}

/** Looks every 5 s; not at all when there are no patterns. */
export function watchTopics(
  { logger }: KafkaClient,
  { wanted, known }: { readonly wanted: KafkaTopics; readonly known: readonly string[] },
): TopicWatch {
  let timer: NodeJS.Timeout | undefined;
  let stopped = !wanted.hasPatterns;
  const changed = new Promise<undefined>((resolve) => {
    const look = async () => {
      try {
        const existing = await wanted.existing();
        if (existing.some((topic) => !known.includes(topic))) return resolve(undefined);
      } catch (error) {
        // The session reports an outage; the next look comes.
        logger.debug({ err: error }, 'new topics were not looked for');
      }
      wait();
    };
    const wait = () => {
      if (!stopped) timer = setTimeout(() => void look(), LOOK_MS);
    };
    wait();
  });
  return {
    changed,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
