import { badUserInput } from '@orion/platform/errors';
import type { EntityManager } from 'typeorm';
import { CHANGES_AT_ONCE, loadInboxChanges } from './inbox-changes.js';
import type { InboxChanges } from './inbox-changes.js';
import type { LiveIteration } from './live-iteration.js';
import type { NotificationReceived } from './live.types.js';

/** Where a client stopped listening. */
export interface ResumePoint {
  readonly userId: string;
  /** State of the inbox that the client knows. */
  readonly afterRev: number;
  readonly manager: EntityManager;
}

/**
 * What came in after a state, in order and once: first from the database, then live. `live` listens already, so what
 * comes in while the database is read waits there, and what both show is dropped the second time.
 * Rejects with BAD_USER_INPUT when the inbox has not come to that state yet. `live` is ended with the iteration.
 */
export async function resumeReceived(
  live: LiveIteration<NotificationReceived>,
  { userId, afterRev, manager }: ResumePoint,
): Promise<LiveIteration<NotificationReceived>> {
  const load = async (after: number): Promise<InboxChanges | undefined> =>
    (await loadInboxChanges(manager, [{ userId, after, firstId: null }]))[0];
  try {
    const first = await load(afterRev);
    if (afterRev < 0 || afterRev > (first?.counts.rev ?? 0))
      throw badUserInput('afterRev is not a state of your inbox.');
    const items = replayThenLive(first?.received ?? [], { live, load, afterRev });
    const iteration: LiveIteration<NotificationReceived> = {
      next: () => items.next(),
      // Ending `live` ends a wait for it, which `items.return` alone would wait for.
      return: async () => {
        await live.return();
        return items.return(undefined);
      },
      [Symbol.asyncIterator]: () => iteration,
    };
    return iteration;
  } catch (error) {
    await live.return();
    throw error;
  }
}

async function* replayThenLive(
  first: readonly NotificationReceived[],
  {
    live,
    load,
    afterRev,
  }: {
    readonly live: LiveIteration<NotificationReceived>;
    readonly load: (after: number) => Promise<InboxChanges | undefined>;
    readonly afterRev: number;
  },
): AsyncGenerator<NotificationReceived, undefined, undefined> {
  let last = afterRev;
  try {
    for (let page = first; page.length > 0;) {
      for (const received of page) {
        last = received.rev;
        yield received;
      }
      page = page.length < CHANGES_AT_ONCE ? [] : ((await load(last))?.received ?? []);
    }
    for await (const received of live) {
      if (received.rev <= last) continue;
      last = received.rev;
      yield received;
    }
  } finally {
    await live.return();
  }
  return undefined;
}
