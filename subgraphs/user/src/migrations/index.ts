import { eventTables } from './0001-event-tables.js';
import { users } from './0002-users.js';
import { roles } from './0003-roles.js';

/** In order, forward only. */
export const migrations = [eventTables, users, roles] as const;
