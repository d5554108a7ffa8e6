import type { DataSource } from 'typeorm';
import type { Logger } from '../log/index.js';
import type { JobPriority } from './job.js';
import { PRIORITIES } from './job.js';

/** How an attempt ended, for those who count. */
export type CountedOutcome = 'done' | 'retried' | 'dead';

/** Finished attempts of one kind and priority since the process began. */
export interface JobCount {
  readonly name: string;
  readonly priority: JobPriority;
  readonly done: number;
  readonly retried: number;
  readonly dead: number;
}

type Counts = Record<CountedOutcome, number>;

const FLUSH_MS = 2_000;
const KEPT = '1 hour';

/** Counts what a worker finishes, and adds it to the minutes that all workers of the database share. */
export interface JobRates {
  count(name: string, priority: JobPriority, outcome: CountedOutcome): void;
  /** Everything since the start. */
  totals(): readonly JobCount[];
  /** Writes down what is not written yet. */
  stop(): Promise<void>;
}

/** One statement every two seconds while something happens. What a crash keeps from being written is not made up for. */
export function startJobRates(dataSource: DataSource, logger: Logger): JobRates {
  const totals = new Map<string, Counts>();
  let fresh = new Map<string, Counts>();
  let running: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    if (fresh.size === 0) return;
    const counts = [...fresh].toSorted(([one], [other]) => (one < other ? -1 : 1));
    fresh = new Map();
    try {
      await dataSource.query(
        `WITH gone AS (DELETE FROM job_rates WHERE minute < now() - interval '${KEPT}')
         INSERT INTO job_rates AS rate (minute, name, priority, done, retried, dead)
         SELECT date_trunc('minute', now()), name, priority, done, retried, dead
         FROM unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::int[]) AS count (name, priority, done, retried, dead)
         ON CONFLICT (minute, name, priority) DO UPDATE SET done = rate.done + excluded.done,
           retried = rate.retried + excluded.retried, dead = rate.dead + excluded.dead`,
        [
          counts.map(([place]) => placeOf(place).name),
          counts.map(([place]) => PRIORITIES.indexOf(placeOf(place).priority)),
          counts.map(([, { done }]) => done),
          counts.map(([, { retried }]) => retried),
          counts.map(([, { dead }]) => dead),
        ],
      );
    } catch (error) {
      // A rate is an indication; the jobs themselves are what counts.
      logger.debug({ err: error }, 'rates of jobs not written');
    }
  }

  const timer = setInterval(() => {
    running = running.then(flush);
  }, FLUSH_MS);
  timer.unref();

  return {
    count(name, priority, outcome) {
      const place = `${priority} ${name}`;
      for (const counts of [totals, fresh]) {
        const count = counts.get(place) ?? { done: 0, retried: 0, dead: 0 };
        count[outcome] += 1;
        counts.set(place, count);
      }
    },
    totals: () => [...totals].map(([place, counts]) => ({ ...placeOf(place), ...counts })),
    async stop() {
      clearInterval(timer);
      await running;
      await flush();
    },
  };
}

function placeOf(place: string): { readonly name: string; readonly priority: JobPriority } {
  const [priority = '', name = ''] = place.split(' ');
  return { name, priority: priority as JobPriority };
}
