import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import type { Logger } from '@orion/platform/log';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { forgetStragglers } from '../person/forget-people.js';
import type { Partitions } from './partitions.js';
import { startOfDay, utcDayOf } from './utc-day.js';

const DAYS_AHEAD = 3;
/** Longer than twice the age that a tracked event may have. */
const RECEIPT_DAYS = 15;

/** Makes the coming days of the events table, drops the old ones, and forgets people who were deleted and old receipts. */
const upkeep = defineJob({ name: 'upkeep', schema: z.object({}), priority: 'bulk' });

/** Every hour. Nothing depends on it within the hour: a day that is missing is made when its first event comes. */
export function registerUpkeep(
  jobs: JobWorker,
  {
    database,
    partitions,
    logger,
  }: { readonly database: DataSource; readonly partitions: Partitions; readonly logger: Logger },
): void {
  jobs.handle(upkeep, async () => {
    await createDaysAhead(partitions);
    const dropped = await partitions.dropExpired();
    if (dropped.length > 0) logger.info({ partitions: dropped }, 'events of old days dropped');
    await forgetStragglers(database);
    await database.query('DELETE FROM track_receipts WHERE received_at < now() - make_interval(days => $1)', [
      RECEIPT_DAYS,
    ]);
  });
  jobs.schedule({ name: 'upkeep', cron: '7 * * * *', atFirst: true, job: upkeep.of({}) });
}

function createDaysAhead(partitions: Partitions): Promise<void> {
  const today = utcDayOf(new Date());
  return partitions.ensure(Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => startOfDay(today + ahead)));
}
