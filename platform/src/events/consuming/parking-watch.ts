import type { Processing } from './event-processing.js';

const LOOK_EVERY_MS = 30_000;
/** Each is an order of magnitude more than the one before; a group that recovers is warned of again. */
const THRESHOLDS = [1_000, 10_000, 100_000, 1_000_000];

/** Warns when more and more waits behind one key, or in the group: parking has no bound of its own, the disk has one. */
export interface ParkingWatch {
  /** Looks at most every 30 s, for it costs a pass over what is parked. */
  look(): Promise<void>;
}

export function createParkingWatch({ dataSource, group, logger }: Processing): ParkingWatch {
  let lookAt = 0;
  let warned = 0;

  return {
    async look() {
      if (Date.now() < lookAt) return;
      lookAt = Date.now() + LOOK_EVERY_MS;
      const [row]: readonly { readonly waiting: number; readonly longest: number; readonly key: string | null }[] =
        await dataSource.query(
          `SELECT coalesce(sum(waiting), 0)::float8 AS waiting, coalesce(max(waiting), 0)::float8 AS longest,
             (array_agg(key ORDER BY waiting DESC))[1] AS key
           FROM (SELECT key, count(*) AS waiting FROM parked_events WHERE grp = $1 AND state = 'retry' GROUP BY key) queue`,
          [group],
        );
      const { waiting = 0, longest = 0, key = null } = row ?? {};
      const passed = THRESHOLDS.findLast((threshold) => waiting >= threshold) ?? 0;
      if (passed > warned)
        logger.error({ group, waiting, longest, key }, 'many events wait for a retry: settle what fails, or repair it');
      warned = passed;
    },
  };
}
