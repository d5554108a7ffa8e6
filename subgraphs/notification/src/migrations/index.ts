import { eventTables } from './0001-event-tables.js';
import { notifications } from './0002-notifications.js';
import { mails } from './0003-mails.js';
import { sendAge } from './0004-send-age.js';
import { eventTablesV2 } from './0005-event-tables-v2.js';
import { jobTables } from './0006-job-tables.js';
import { deadLetters } from './0007-dead-letters.js';
import { mailJobs } from './0008-mail-jobs.js';

/** In order, forward only. */
export const migrations = [
  eventTables,
  notifications,
  mails,
  sendAge,
  eventTablesV2,
  jobTables,
  deadLetters,
  mailJobs,
] as const;
