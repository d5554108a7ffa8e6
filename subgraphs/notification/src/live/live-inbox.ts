import { setTimeout as wait } from 'node:timers/promises';
import { createLiveChannel } from '@orion/platform/live';
import type { Logger } from '@orion/platform/log';
import type { EntityManager } from 'typeorm';
import type { NotificationCounts } from '../inbox/inbox.types.js';
import { CHANGES_AT_ONCE, loadInboxChanges } from './inbox-changes.js';
import type { ChangesRequest, InboxChanges } from './inbox-changes.js';
import { whenEnded } from './live-iteration.js';
import type { LiveIteration } from './live-iteration.js';
import type { NotificationReceived } from './live.types.js';

const INBOXES_AT_ONCE = 100;
const AFTER_ERROR_MS = 500;

/** Tells the listeners in this process what happens in inboxes. */
export interface LiveInbox {
  /** Something changed in an inbox; `receivedId` names the notification when one came in. Cheap when nobody listens. */
  hint(userId: string, receivedId: string | null): void;
  /** What comes in from now on, in order. */
  received(userId: string): LiveIteration<NotificationReceived>;
  /** The counts after each change from now on. Of changes at nearly the same time the last one may stand for all. */
  counts(userId: string): LiveIteration<NotificationCounts>;
  /** Ends all iterations. */
  close(): Promise<void>;
}

/** An inbox that somebody listens to. */
interface Watched {
  listeners: number;
  /** State up to which notifications were published; null until the first one is. */
  after: number | null;
  /** State of the counts that were published last. */
  countsRev: number;
  /** First notification that was hinted at since the last look. */
  firstId: string | null;
}

/**
 * An event is a hint to look into the database, no more: what is published is read there, from the last state that was
 * published, in the order of states. So it is complete and in order although events may come twice, late or in a heap,
 * and one statement serves all inboxes that changed meanwhile.
 */
export function createLiveInbox({
  manager,
  logger,
}: {
  readonly manager: EntityManager;
  readonly logger: Logger;
}): LiveInbox {
  const receivedChannel = createLiveChannel<NotificationReceived>();
  const countsChannel = createLiveChannel<NotificationCounts>();
  const watched = new Map<string, Watched>();
  const hinted = new Set<string>();
  const closing = new AbortController();
  let looking: Promise<void> | undefined;

  function watch<Value>(userId: string, listen: () => LiveIteration<Value>): LiveIteration<Value> {
    const inbox = watched.get(userId) ?? { listeners: 0, after: null, countsRev: 0, firstId: null };
    watched.set(userId, inbox);
    inbox.listeners += 1;
    return whenEnded(listen(), () => {
      inbox.listeners -= 1;
      if (inbox.listeners === 0) watched.delete(userId);
    });
  }

  function publish({ userId, counts, received }: InboxChanges): void {
    const inbox = watched.get(userId);
    if (inbox === undefined) return;
    for (const one of received) {
      if (one.rev <= (inbox.after ?? 0)) continue;
      inbox.after = one.rev;
      receivedChannel.publish(userId, one);
    }
    if (counts.rev > inbox.countsRev) {
      inbox.countsRev = counts.rev;
      countsChannel.publish(userId, counts);
    }
    // The rest comes with another look.
    if (received.length === CHANGES_AT_ONCE) hinted.add(userId);
  }

  /** Takes some of the inboxes that were hinted at; those that nobody listens to any more are forgotten. */
  function takeHints(): readonly ChangesRequest[] {
    const requests: ChangesRequest[] = [];
    for (const userId of hinted) {
      hinted.delete(userId);
      const inbox = watched.get(userId);
      if (inbox === undefined) continue;
      requests.push({ userId, after: inbox.after, firstId: inbox.firstId });
      inbox.firstId = null;
      if (requests.length === INBOXES_AT_ONCE) break;
    }
    return requests;
  }

  /** When it rejects, the hints are as before. */
  async function look(): Promise<void> {
    const requests = takeHints();
    if (requests.length === 0) return;
    try {
      const changes = await loadInboxChanges(manager, requests);
      for (const change of changes) publish(change);
    } catch (error) {
      for (const { userId, firstId } of requests) {
        hinted.add(userId);
        const inbox = watched.get(userId);
        if (inbox !== undefined) inbox.firstId = firstId ?? inbox.firstId;
      }
      throw error;
    }
  }

  async function lookWhileHinted(): Promise<void> {
    while (hinted.size > 0 && !closing.signal.aborted) {
      try {
        await look();
      } catch (error) {
        logger.warn({ err: error }, 'live inbox cannot read its database, trying again');
        // Rejects when closed: the loop ends then.
        await wait(AFTER_ERROR_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
    looking = undefined;
  }

  return {
    hint(userId, receivedId) {
      const inbox = watched.get(userId);
      if (inbox === undefined) return;
      inbox.firstId ??= receivedId;
      hinted.add(userId);
      looking ??= lookWhileHinted();
    },
    received: (userId) => watch(userId, () => receivedChannel.listen(userId)),
    counts: (userId) => watch(userId, () => countsChannel.listen(userId)),
    async close() {
      closing.abort();
      receivedChannel.close();
      countsChannel.close();
      await looking;
    },
  };
}
