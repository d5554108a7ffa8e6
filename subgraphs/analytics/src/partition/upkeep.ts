import type { Logger } from '@orion/platform/log';
import type { DataSource } from 'typeorm';
import type { Partitions } from './partitions.js';
import { startOfDay, utcDayOf } from './utc-day.js';

const EVERY_MS = 60 * 60_000;
const DAYS_AHEAD = 3;
/** Longer than twice the age that a tracked event may have. */
const RECEIPT_DAYS = 15;

/** Keeps the days of the events table as they should be. */
export interface Upkeep {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Makes the coming days, drops the old ones, and forgets old receipts: now and every hour. */
export async function startUpkeep(
  database: DataSource,
  { partitions, logger }: { readonly partitions: Partitions; readonly logger: Logger },
): Promise<Upkeep> {
  const turn = async (): Promise<void> => {
    try {
      await createDaysAhead(partitions);
      const dropped = await partitions.dropExpired();
      if (dropped.length > 0) logger.info({ partitions: dropped }, 'events of old days dropped');
      await database.query('DELETE FROM track_receipts WHERE received_at < now() - make_interval(days => $1)', [
        RECEIPT_DAYS,
      ]);
    } catch (error) {
      // Nothing depends on it within the hour: a day that is missing is made when its first event comes.
      logger.warn({ err: error }, 'upkeep of event partitions failed, trying again in an hour');
    }
  };
  let running = turn();
  await running;
  const timer = setInterval(() => {
    running = running.then(turn);
  }, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return running;
    },
  };
}

function createDaysAhead(partitions: Partitions): Promise<void> {
  const today = utcDayOf(new Date());
  return partitions.ensure(Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => startOfDay(today + ahead)));
}
