import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';

/** Of the slots of a worker, each priority has this share, and at least one, to itself. */
const RESERVED_SHARE = 0.1;

/** A worker has at least as many slots as there are priorities: each has one to itself. */
export const FEWEST_SLOTS = PRIORITIES.length;

/** How much may be claimed now. */
export interface SlotLimits {
  /** For each of `PRIORITIES`: what it alone may take. */
  readonly reserved: readonly number[];
  /** What goes to the most urgent that ask for it. */
  readonly shared: number;
}

/**
 * The slots of one worker. What is reserved for a priority stays free for it, however many others wait: bulk never
 * keeps a critical job waiting for a slot, and any number of critical jobs leave bulk its share.
 */
export interface JobSlots {
  take(priority: JobPriority, name: string): void;
  give(priority: JobPriority, name: string): void;
  limits(): SlotLimits;
  /** Slots that a kind may still take by its own limit. */
  freeOf(name: string): number;
  /** Slots that are taken. */
  taken(): number;
}

/** @param kinds limit of each kind; null: as many as there are slots. */
export function createJobSlots(total: number, kinds: ReadonlyMap<string, number | null>): JobSlots {
  const share = Math.max(1, Math.floor(total * RESERVED_SHARE));
  const byPriority = PRIORITIES.map(() => 0);
  const byKind = new Map<string, number>();

  function count(priority: JobPriority, name: string, change: number): void {
    const index = PRIORITIES.indexOf(priority);
    byPriority[index] = (byPriority[index] ?? 0) + change;
    byKind.set(name, (byKind.get(name) ?? 0) + change);
  }

  return {
    take: (priority, name) => count(priority, name, 1),
    give: (priority, name) => count(priority, name, -1),
    limits() {
      const beyond = byPriority.reduce((sum, taken) => sum + Math.max(0, taken - share), 0);
      return {
        reserved: byPriority.map((taken) => Math.max(0, share - taken)),
        shared: Math.max(0, total - share * PRIORITIES.length - beyond),
      };
    },
    freeOf: (name) => (kinds.get(name) ?? total) - (byKind.get(name) ?? 0),
    taken: () => byPriority.reduce((sum, taken) => sum + taken, 0),
  };
}
