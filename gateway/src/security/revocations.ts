import { setTimeout as wait } from 'node:timers/promises';
import type { EventSubscription, EventTransport } from '@orion/platform/events';
import type { Logger } from '@orion/platform/log';
import { z } from 'zod';

/** Sessions that ended before their access tokens do. */
export interface Revocations {
  has(sessionId: string): boolean;
  add(sessionId: string): void;
  /** Calls back at once for each session revoked from now on. Returns how to stop. */
  onRevoked(listener: (sessionId: string) => void): () => void;
}

/** Topic and type of the announcement; `data.sessionId` names the session. */
const TOPIC = 'orion.auth';
const EVENT_TYPE = 'dev.orion.session.revoked.v1';
const dataSchema = z.object({ sessionId: z.string().min(1) });

/** The longest life of an access token: after that its own expiry refuses it. */
const MEMORY_MS = 15 * 60 * 1000 + 60_000;
const RETRY_MS = 1_000;

/** An empty memory of revoked sessions. */
export function createRevocations(): Revocations {
  const expiries = new Map<string, number>();
  const listeners = new Set<(sessionId: string) => void>();
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

/**
 * Feeds the memory from the bus, starting with what was announced during one token lifetime before, so that a gateway
 * that restarts forgets nothing. Tries until the bus answers; the returned function ends it.
 */
export function followRevocations(
  revocations: Revocations,
  { feed, logger }: { readonly feed: Pick<EventTransport, 'tail'>; readonly logger: Logger },
): () => Promise<void> {
  const ending = new AbortController();
  const since = new Date(Date.now() - MEMORY_MS);
  const follow = async (): Promise<EventSubscription | undefined> => {
    while (!ending.signal.aborted) {
      try {
        return await feed.tail([TOPIC], { since, onEvent: (event) => take(event, { revocations, logger }) });
      } catch (error) {
        logger.error({ err: error }, 'revoked sessions are not known: the event bus does not answer, trying again');
        await wait(RETRY_MS, undefined, { signal: ending.signal }).catch(() => {
          // Only the abort ends the wait early, and the loop looks at it.
        });
      }
    }
    return undefined;
  };
  const following = follow();
  return async () => {
    ending.abort();
    await (await following)?.stop();
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
