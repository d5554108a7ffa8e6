import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import type { EventTail, EventTransport } from '@orion/platform/events';
import { createConditionLog } from '@orion/platform/log';
import type { Logger } from '@orion/platform/log';
import { z } from 'zod';

/** Sessions that ended before their access tokens do. */
export interface Revocations {
  has(sessionId: string): boolean;
  add(sessionId: string): void;
  /** False until what was announced before the start is known: until then no token can be called good. */
  isComplete(): boolean;
  /** Resolves when it is complete. */
  readonly completed: Promise<void>;
  complete(): void;
  /** Calls back at once for each session revoked from now on. Returns how to stop. */
  onRevoked(listener: (sessionId: string) => void): () => void;
}

/** Topic and type of the announcement; `data.sessionId` names the session. */
const TOPIC = 'orion.auth';
const EVENT_TYPE = 'dev.orion.session.revoked.v1';
const dataSchema = z.object({ sessionId: z.string().min(1) });

/** Afterwards every token of the session has expired; the minute is for clocks that disagree and slow deliveries. */
export const MEMORY_MS = LONGEST_ACCESS_TOKEN_SECONDS * 1000 + 60_000;
const RETRY_MS = 1_000;

/** An empty memory of revoked sessions, incomplete until `complete` is called. */
export function createRevocations(): Revocations {
  const expiries = new Map<string, number>();
  const listeners = new Set<(sessionId: string) => void>();
  let isComplete = false;
  let resolveCompleted: () => void = () => undefined;
  const completed = new Promise<void>((resolve) => (resolveCompleted = resolve));
  return {
    has: (sessionId) => (expiries.get(sessionId) ?? 0) > Date.now(),
    add: (sessionId) => {
      forgetExpired(expiries);
      const known = (expiries.get(sessionId) ?? 0) > Date.now();
      // Deleted first, so that the map's order stays the order of expiry.
      expiries.delete(sessionId);
      expiries.set(sessionId, Date.now() + MEMORY_MS);
      if (!known) for (const listener of [...listeners]) listener(sessionId);
    },
    isComplete: () => isComplete,
    completed,
    complete: () => {
      isComplete = true;
      resolveCompleted();
    },
    onRevoked: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function forgetExpired(expiries: Map<string, number>): void {
  for (const [sessionId, expiry] of expiries) {
    if (expiry > Date.now()) return;
    expiries.delete(sessionId);
  }
}

/** What is needed of the bus. */
export type RevocationFeed = Pick<EventTransport, 'tail'>;

/**
 * Feeds the memory from the bus, starting with what was announced during one token lifetime before, so that a gateway
 * that restarts forgets nothing. Tries until the bus takes the tail; the returned function ends it.
 *
 * The memory is complete when the tail has shown everything that the bus held: not while the bus does not answer.
 */
export function followRevocations(
  revocations: Revocations,
  { feed, logger }: { readonly feed: RevocationFeed; readonly logger: Logger },
): () => Promise<void> {
  const ending = new AbortController();
  const since = new Date(Date.now() - MEMORY_MS);
  const condition = createConditionLog(logger, 'following revoked sessions on the event bus');
  let tail: EventTail | undefined;
  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted && tail === undefined) {
      try {
        tail = await feed.tail([TOPIC], { since, onEvent: (event) => take(event, { revocations, logger }) });
        condition.works();
        // It is pending for as long as the bus does not answer, and nobody has to wait for that.
        void tail.caughtUp.then(() => revocations.complete());
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

function take(
  event: { readonly type: string; readonly id: string; readonly data: unknown },
  { revocations, logger }: { readonly revocations: Revocations; readonly logger: Logger },
): void {
  if (event.type !== EVENT_TYPE) return;
  const data = dataSchema.safeParse(event.data);
  if (data.success) revocations.add(data.data.sessionId);
  else logger.error({ eventId: event.id }, 'a revocation that names no session was skipped');
}
