import { defineJob } from '@orion/platform/jobs';
import { z } from 'zod';

/** Deletes somebody whose time has come, unless they have changed their mind. */
export const deleteAccount = defineJob({ name: 'account.delete', schema: z.object({ userId: z.uuid() }) });
