import { setTimeout as wait } from 'node:timers/promises';
import type { EventTail, EventTransport } from '@orion/platform/events';
import { createConditionLog } from '@orion/platform/log';
import type { Logger } from '@orion/platform/log';
import { MEMORY_MS } from './memory.js';

/** An event as the bus shows it. */
export interface Announcement {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** Takes what is announced on its topics into a memory. */
export interface AnnouncementReader {
  readonly topics: readonly string[];
  /** Returns false for an event that is one of its types and cannot be understood. */
  take(event: Announcement): boolean;
}

/** What is needed of the bus. */
export type AnnouncementFeed = Pick<EventTransport, 'tail'>;

const RETRY_MS = 1_000;

/**
 * Shows the bus to the readers, beginning with what was announced during one token lifetime before, so that a gateway
 * that restarts forgets nothing. Tries until the bus takes the tail; the returned function ends it.
 *
 * `onCaughtUp` is called when the tail has shown everything that the bus held: not while the bus does not answer.
 */
export function followAnnouncements(
  readers: readonly AnnouncementReader[],
  {
    feed,
    logger,
    onCaughtUp,
  }: { readonly feed: AnnouncementFeed; readonly logger: Logger; readonly onCaughtUp: () => void },
): () => Promise<void> {
  const ending = new AbortController();
  const since = new Date(Date.now() - MEMORY_MS);
  const topics = [...new Set(readers.flatMap((reader) => reader.topics))];
  const condition = createConditionLog(logger, 'following ended sessions and changed permissions on the event bus');
  const onEvent = (event: Announcement): void => {
    for (const reader of readers) {
      if (!reader.take(event)) {
        logger.error({ eventId: event.id, type: event.type }, 'an announcement that cannot be understood was skipped');
      }
    }
  };
  let tail: EventTail | undefined;
  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted && tail === undefined) {
      try {
        tail = await feed.tail(topics, { since, onEvent });
        condition.works();
        // It is pending for as long as the bus does not answer, and nobody has to wait for that.
        void tail.caughtUp.then(onCaughtUp);
      } catch (error) {
        condition.fails(error);
        // Only the abort ends it early, and the loop looks at that.
        await wait(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
      }
    }
  };
  const following = follow();
  return async () => {
    ending.abort();
    await following;
    await tail?.stop();
  };
}
