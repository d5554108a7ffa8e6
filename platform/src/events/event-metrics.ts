import type { Metrics } from '../metrics/index.js';
import type { EventEnvelope } from './envelope.js';

/** Seconds from `time` of an event to the commit of its effect: milliseconds on a quiet machine, hours after an outage. */
const EFFECT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 21_600];
/** Events in one append of the relay. */
const BATCH_SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** What one consumer group counts, after the transaction that made it true. */
export interface GroupMetrics {
  /** Took effect. */
  handled(events: readonly EventEnvelope[]): void;
  /** Were delivered again, and did nothing. */
  duplicates(count: number): void;
  /** An attempt failed; dead ones too. */
  failed(count: number): void;
  died(count: number): void;
}

/** Counters of the events of one service. */
export interface EventMetrics {
  group(name: string): GroupMetrics;
  /** The relay has appended so many. */
  appended(count: number): void;
}

/** Counts nothing. */
export const NO_EVENT_METRICS: EventMetrics = {
  group: () => ({
    handled: () => undefined,
    duplicates: () => undefined,
    failed: () => undefined,
    died: () => undefined,
  }),
  appended: () => undefined,
};

/** Counters in the registry of a service. */
export function createEventMetrics(metrics: Metrics): EventMetrics {
  const events = metrics.counter({
    name: 'orion_events_total',
    help: 'Events that a consumer group took effect of (handled), saw again (duplicate), failed on (failed, each attempt) or gave up on (dead)',
    labels: ['group', 'result'],
  });
  const seconds = metrics.histogram({
    name: 'orion_event_effect_seconds',
    help: 'From the time of an event to the commit of its effect in a consumer group',
    labels: ['group'],
    buckets: EFFECT_SECONDS,
  });
  const batches = metrics.histogram({
    name: 'orion_relay_batch_events',
    help: 'Events that the relay appended to the log at a time',
    buckets: BATCH_SIZES,
  });
  return {
    group(group) {
      const count = (result: string) => (n: number) => {
        if (n > 0) events.inc({ group, result }, n);
      };
      // From zero, so that the first one is a rise and not a new series.
      for (const result of ['handled', 'duplicate', 'failed', 'dead']) events.inc({ group, result }, 0);
      const handled = count('handled');
      return {
        handled(taken) {
          handled(taken.length);
          const now = Date.now();
          for (const { time } of taken) {
            const age = (now - Date.parse(time)) / 1_000;
            // A foreign event may have no time; clocks of two machines may differ.
            if (!Number.isNaN(age)) seconds.observe({ group }, Math.max(0, age));
          }
        },
        duplicates: count('duplicate'),
        failed: count('failed'),
        died: count('dead'),
      };
    },
    appended: (count) => batches.observe(count),
  };
}
