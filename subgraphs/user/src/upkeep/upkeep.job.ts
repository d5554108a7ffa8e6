import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import { z } from 'zod';
import type { DeletionService } from '../deletion/deletion.service.js';
import { deleteAccount } from '../deletion/delete-account.job.js';

/** Deletes what is too old to be of use. */
const upkeep = defineJob({ name: 'upkeep', schema: z.object({}), priority: 'bulk' });

/** Every hour, beside everything else; and the deletion of people whose time has come. */
export function registerUpkeep(
  jobs: JobWorker,
  { deletions, activityDays }: { readonly deletions: DeletionService; readonly activityDays: number },
): void {
  jobs.handleInTransaction(upkeep, async (_job, manager) => {
    await manager.query('DELETE FROM activity WHERE occurred_at < now() - make_interval(days => $1)', [activityDays]);
    await manager.query('DELETE FROM data_exports WHERE expires_at < now()');
  });
  jobs.handleInTransaction(deleteAccount, ({ data }, manager) => deletions.deleteDue(manager, data.userId));
  jobs.schedule({ name: 'upkeep', cron: '37 * * * *', atFirst: true, job: upkeep.of({}) });
}
