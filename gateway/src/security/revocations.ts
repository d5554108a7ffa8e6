import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_ACCESS_TOKEN_SECONDS } from '@orion/platform/identity';
import type { EventEnvelope, EventSubscription, EventTransport } from '@orion/platform/events';
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
/** So long no event from before the start has come: the replay is over. A batch of it takes a few milliseconds. */
const QUIET_MS = 200;

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
export type RevocationFeed = Pick<EventTransport, 'tail' | 'ping'>;

/**
 * Feeds the memory from the bus, starting with what was announced during one token lifetime before, so that a gateway
 * that restarts forgets nothing. Tries until the bus answers; the returned function ends it.
 *
 * The memory is complete when the bus has answered, is being tailed, answers again, and no event from before the start
 * has come for a while: a tail does not say itself when it has shown everything.
 */
export function followRevocations(
  revocations: Revocations,
  { feed, logger }: { readonly feed: RevocationFeed; readonly logger: Logger },
): () => Promise<void> {
  const ending = new AbortController();
  const startedAt = Date.now();
  const since = new Date(startedAt - MEMORY_MS);
  let replayedAt = startedAt;
  const onEvent = (event: EventEnvelope): void => {
    if (Date.parse(event.time) < startedAt) replayedAt = Date.now();
    take(event, { revocations, logger });
  };
  /** Only the abort ends it early, and whoever waits looks at that. */
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  const untilDone = async <T>(step: () => Promise<T>): Promise<T | undefined> => {
    while (!ending.signal.aborted) {
      try {
        return await step();
      } catch (error) {
        logger.error({ err: error }, 'revoked sessions are not known: the event bus does not answer, trying again');
        await pause(RETRY_MS);
      }
    }
    return undefined;
  };
  let subscription: EventSubscription | undefined;
  const follow = async (): Promise<void> => {
    await untilDone(() => feed.ping());
    subscription = await untilDone(() => feed.tail([TOPIC], { since, onEvent }));
    await untilDone(() => feed.ping());
    replayedAt = Math.max(replayedAt, Date.now());
    while (!ending.signal.aborted && Date.now() - replayedAt < QUIET_MS)
      await pause(Math.max(1, QUIET_MS - (Date.now() - replayedAt)));
    if (!ending.signal.aborted) revocations.complete();
  };
  const following = follow();
  return async () => {
    ending.abort();
    await following;
    await subscription?.stop();
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
