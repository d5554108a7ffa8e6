import { z } from 'zod';
import type { AnnouncementReader } from './follow-announcements.js';
import { createMemory } from './memory.js';

/** Sessions that ended before their access tokens do, and API keys that were revoked: ids of either. */
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

/** An empty memory of revoked sessions, incomplete until `complete` is called. */
export function createRevocations(): Revocations {
  const revoked = createMemory<true>();
  const listeners = new Set<(sessionId: string) => void>();
  let isComplete = false;
  let resolveCompleted: () => void = () => undefined;
  const completed = new Promise<void>((resolve) => (resolveCompleted = resolve));
  return {
    has: (sessionId) => revoked.get(sessionId) ?? false,
    add: (sessionId) => {
      const isKnown = revoked.get(sessionId) ?? false;
      revoked.set(sessionId, true);
      if (!isKnown) for (const listener of [...listeners]) listener(sessionId);
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

const id = z.string().min(1);
/** What each type of announcement calls the thing that ended. */
const REVOCATIONS = new Map<string, z.ZodType<string>>([
  ['dev.orion.session.revoked.v1', z.object({ sessionId: id }).transform(({ sessionId }) => sessionId)],
  ['dev.orion.apikey.revoked.v1', z.object({ apiKeyId: id }).transform(({ apiKeyId }) => apiKeyId)],
]);

/** Takes ended sessions and revoked API keys from the bus into the memory. */
export function readRevocations(revocations: Revocations): AnnouncementReader {
  return {
    topics: ['orion.auth', 'orion.user'],
    take: ({ type, data }) => {
      const parsed = REVOCATIONS.get(type)?.safeParse(data);
      if (parsed?.success === true) revocations.add(parsed.data);
      return parsed?.success ?? true;
    },
  };
}
