import { defineJob } from '@orion/platform/jobs';
import type { JobWorker } from '@orion/platform/jobs';
import type { Logger } from '@orion/platform/log';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { reseal } from './reseal.js';

/** Seals anew what an earlier ORION_SEALING_KEY has sealed. */
const resealing = defineJob({ name: 'reseal', schema: z.object({}), priority: 'bulk' });

/** After each start, which is when a key may have changed, and once an hour. */
export function registerResealing(
  jobs: JobWorker,
  { database, sealer, logger }: { readonly database: DataSource; readonly sealer: Sealer; readonly logger: Logger },
): void {
  jobs.handle(resealing, async () => {
    const changed = await reseal(database, sealer);
    if (changed > 0) logger.info({ changed }, 'sealed anew with the present key');
  });
  jobs.schedule({ name: 'reseal', cron: '41 * * * *', atFirst: true, job: resealing.of({}) });
}
