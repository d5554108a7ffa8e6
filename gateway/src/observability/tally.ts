import { Counter } from 'prom-client';
import type { CounterConfiguration } from 'prom-client';

/** Counts what happens several times in a request. */
export interface Tally {
  /** Adds one to the series at this place. */
  add(series: number): void;
}

/**
 * A counter with a fixed set of series that is kept in plain numbers and handed to prom-client when it is asked: its own
 * `inc` makes and hashes a set of labels each time, which takes longer than what is counted.
 */
export function createTally<L extends string>(
  configuration: CounterConfiguration<L>,
  series: readonly Readonly<Record<L, string>>[],
): Tally {
  const pending = series.map(() => 0);
  const counter = new Counter<L>({
    ...configuration,
    collect: () => {
      for (const [index, labels] of series.entries()) {
        counter.inc(labels, pending[index]);
        pending[index] = 0;
      }
    },
  });
  return {
    add: (index) => {
      pending[index] = (pending[index] ?? 0) + 1;
    },
  };
}
