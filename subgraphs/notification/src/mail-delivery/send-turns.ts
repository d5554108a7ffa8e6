import { PRIORITIES } from '@orion/platform/jobs';
import type { JobPriority } from '@orion/platform/jobs';

/** Lets so many mails go at a time; of those that wait, the most urgent first, and of these the one that came first. */
export interface SendTurns {
  /** Resolves when it is this mail's turn; then `end` has to be called. Rejects when `signal` is aborted before. */
  begin(priority: JobPriority, signal: AbortSignal): Promise<void>;
  end(): void;
}

/** @param places at a time. */
export function createSendTurns(places: number): SendTurns {
  const waiting = new Map(PRIORITIES.map((priority) => [priority, new Set<() => void>()]));
  let free = places;
  return {
    begin(priority, signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const queue = waiting.get(priority);
        const go = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = () => {
          queue?.delete(go);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', giveUp, { once: true });
        queue?.add(go);
      });
    },
    end() {
      for (const queue of waiting.values())
        for (const go of queue) {
          queue.delete(go);
          return go();
        }
      free += 1;
    },
  };
}
