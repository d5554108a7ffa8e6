import { eventTables } from './0001-event-tables.js';
import { accounts } from './0002-accounts.js';
import { sessions } from './0003-sessions.js';
import { quotas } from './0004-quotas.js';
import { eventTablesV2 } from './0005-event-tables-v2.js';
import { jobTables } from './0006-job-tables.js';
import { credentials } from './0007-credentials.js';
import { tokenFamilies } from './0014-token-families.js';

/** In order, forward only. */
export const migrations = [eventTables, accounts, sessions, quotas, eventTablesV2, jobTables, credentials, tokenFamilies] as const;
