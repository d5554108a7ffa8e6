import { defineMigration } from '@orion/platform/database';
import { EVENT_TABLES_V1 } from '@orion/platform/events';

export const eventTables = defineMigration(1, 'event-tables', EVENT_TABLES_V1);
