import { eventTables } from './0001-event-tables.js';
import { accounts } from './0002-accounts.js';
import { sessions } from './0003-sessions.js';
import { quotas } from './0004-quotas.js';

/** In order, forward only. */
export const migrations = [eventTables, accounts, sessions, quotas] as const;
