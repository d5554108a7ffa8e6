import { defineMigration } from '@orion/platform/database';
import { JOB_TABLES_V1 } from '@orion/platform/jobs';

export const jobTables = defineMigration(10, 'job-tables', JOB_TABLES_V1);
