import { eventTables } from './0001-event-tables.js';
import { events } from './0002-events.js';
import { eventTablesV2 } from './0003-event-tables-v2.js';
import { jobTables } from './0004-job-tables.js';
import { forgottenPeople } from './0005-forgotten-people.js';

/** In order, forward only. */
export const migrations = [eventTables, events, eventTablesV2, jobTables, forgottenPeople] as const;
