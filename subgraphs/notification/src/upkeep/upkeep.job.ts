import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import { z } from 'zod';

/** Nobody repeats a request after so long. */
const KEY_DAYS = 30;

/** Forgets old idempotency keys. */
const upkeep = defineJob({ name: 'upkeep', schema: z.object({}), priority: 'bulk' });

/** Every hour, beside everything else: a key that is known for longer does no harm. */
export function registerUpkeep(jobs: JobWorker): void {
  jobs.handleInTransaction(upkeep, (_job, manager) =>
    manager.query('DELETE FROM sends WHERE created_at < now() - make_interval(days => $1)', [KEY_DAYS]),
  );
  jobs.schedule({ name: 'upkeep', cron: '23 * * * *', atFirst: true, job: upkeep.of({}) });
}
