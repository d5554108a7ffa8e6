/** Something that is given up when its time has come. */
export abstract class Expiring {
  /** Neighbours among what is watched; for {@link Deadlines} alone. */
  before: Expiring | undefined;
  after: Expiring | undefined;

  /** `deadline`: `performance.now()` at which it is given up. */
  constructor(readonly deadline: number) {}

  abstract expire(): void;
}

/** Watches any number of deadlines with one timer. */
export interface Deadlines {
  add(item: Expiring): void;
  /** What has ended in time; what is not watched is ignored. */
  remove(item: Expiring): void;
}

/** Beyond it Node rings at once; ringing early is harmless. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls with one timeout end long before it, in the order they began. So the timer is set for the earliest deadline
 * seen at its last ring and left alone: no timer is made for a call. The items are their own list, which unlike a Set
 * allocates nothing.
 */
export function createDeadlines(): Deadlines {
  let first: Expiring | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ringsAt = Infinity;

  const add = (item: Expiring): void => {
    item.after = first;
    if (first !== undefined) first.before = item;
    first = item;
    if (item.deadline < ringsAt) setTimer(item.deadline);
  };

  const remove = (item: Expiring): void => {
    const { before, after } = item;
    if (before === undefined) {
      if (first !== item) return;
      first = after;
    } else {
      before.after = after;
    }
    if (after !== undefined) after.before = before;
    item.before = undefined;
    item.after = undefined;
  };

  const setTimer = (at: number): void => {
    clearTimeout(timer);
    ringsAt = at;
    // The sockets of the calls keep the process alive; a deadline alone does not.
    timer = setTimeout(ring, Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(at - performance.now())))).unref();
  };

  const ring = (): void => {
    const now = performance.now();
    let earliest = Infinity;
    const due: Expiring[] = [];
    for (let item = first; item !== undefined; item = item.after) {
      if (item.deadline <= now) due.push(item);
      else earliest = Math.min(earliest, item.deadline);
    }
    ringsAt = Infinity;
    if (earliest < Infinity) setTimer(earliest);
    for (const item of due) {
      // Another's expiry may have ended it.
      if (item.before === undefined && item !== first) continue;
      remove(item);
      item.expire();
    }
  };

  return { add, remove };
}
