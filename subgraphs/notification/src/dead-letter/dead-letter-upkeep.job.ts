import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import { z } from 'zod';

/** The audit log knows for ever who decided what; the event itself is of no use any more. */
const SETTLED_DAYS = 90;

const upkeep = defineJob({ name: 'dead_letter.upkeep', schema: z.object({}), priority: 'bulk' });

/** Deletes, once a day, dead letters that were settled long ago. Those that nobody decided about stay. */
export function registerDeadLetterUpkeep(jobs: JobWorker): void {
  jobs.handleInTransaction(upkeep, (_job, manager) =>
    manager.query('DELETE FROM dead_letters WHERE settled_at < now() - make_interval(days => $1)', [SETTLED_DAYS]),
  );
  jobs.schedule({ name: 'dead_letter.upkeep', cron: '41 3 * * *', job: upkeep.of({}) });
}
