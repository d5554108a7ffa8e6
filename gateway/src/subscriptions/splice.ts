import type { StreamEvent } from './stream-event.js';

/**
 * Joins two streams that bring the same events into one, when the first is about to be replaced by the second. The
 * second one begins to bring events at a moment that nobody announces, so both are read until an event was seen on
 * both: from there on the second one is followed. An event is known by its result.
 *
 * What holds: events whose results differ from one another come once and in order when each event has the same result
 * on both streams. When the results of an event differ (the new supergraph answers something else), or the second
 * stream stays quiet, the switch is made after a while; events of that while may then come twice, none is left out that
 * the second stream brings.
 */
export interface Splice {
  /** Events of the stream in use; returns what is to be delivered now. */
  fromOld(events: readonly StreamEvent[]): readonly StreamEvent[];
  /** Events of the stream to come; returns what is to be delivered now. */
  fromNew(events: readonly StreamEvent[]): readonly StreamEvent[];
  /** Follows the second stream from now on, whatever was seen; returns what it has brought until now. */
  switchOver(): readonly StreamEvent[];
  isSwitched(): boolean;
  /** Switched, and no event can come twice any more. */
  isDone(): boolean;
  /** The new stream has brought something that the old one has not. */
  isWaiting(): boolean;
}

/** Results of the old stream that are remembered while both are open. */
const REMEMBERED = 1_024;

export function createSplice(): Splice {
  /** Delivered from the old stream, oldest first; undefined when it is of no use any more. */
  let seen: string[] = [];
  /** Brought by the new stream, and not by the old one until now. */
  const held: StreamEvent[] = [];
  let isSwitched = false;
  let isAligned = false;

  /** After the switch the new stream may still repeat what the old one brought: its first event tells from where. */
  const withoutRepeated = (event: StreamEvent): boolean => {
    if (!isAligned) {
      isAligned = true;
      seen = seen.slice(lastIndexFrom(seen, event.result));
    }
    if (seen[0] === event.result) {
      seen.shift();
      return false;
    }
    seen = [];
    return true;
  };
  const switchOver = (): readonly StreamEvent[] => {
    isSwitched = true;
    return held.splice(0).filter(withoutRepeated);
  };

  return {
    fromOld: (events) => {
      const delivered: StreamEvent[] = [];
      for (const event of events) {
        if (isSwitched) break;
        delivered.push(event);
        seen.push(event.result);
        if (seen.length > REMEMBERED) seen.shift();
        if (held[0]?.result === event.result) delivered.push(...switchOver());
      }
      return delivered;
    },
    fromNew: (events) => {
      const delivered: StreamEvent[] = [];
      for (const event of events) {
        if (!isSwitched && held.length === 0 && seen.includes(event.result)) isSwitched = true;
        if (!isSwitched) held.push(event);
        else if (withoutRepeated(event)) delivered.push(event);
      }
      return delivered;
    },
    switchOver,
    isSwitched: () => isSwitched,
    isDone: () => isSwitched && isAligned && seen.length === 0,
    isWaiting: () => held.length > 0,
  };
}

/** Where the newest of equal results stands: a repeated event is better than a lost one. */
function lastIndexFrom(seen: readonly string[], text: string): number {
  const index = seen.lastIndexOf(text);
  return index === -1 ? seen.length : index;
}
