import { eventTables } from './0001-event-tables.js';
import { events } from './0002-events.js';

/** In order, forward only. */
export const migrations = [eventTables, events] as const;
