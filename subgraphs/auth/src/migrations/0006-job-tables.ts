import { defineMigration } from '@orion/platform/database';
import { JOB_TABLES_V1 } from '@orion/platform/jobs';

export const jobTables = defineMigration(6, 'job-tables', JOB_TABLES_V1);
