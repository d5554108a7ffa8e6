import { eventTables } from './0001-event-tables.js';
import { notifications } from './0002-notifications.js';
import { mails } from './0003-mails.js';

/** In order, forward only. */
export const migrations = [eventTables, notifications, mails] as const;
