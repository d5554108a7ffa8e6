import { eventTables } from './0001-event-tables.js';
import { notifications } from './0002-notifications.js';
import { mails } from './0003-mails.js';
import { sendAge } from './0004-send-age.js';

/** In order, forward only. */
export const migrations = [eventTables, notifications, mails, sendAge] as const;
