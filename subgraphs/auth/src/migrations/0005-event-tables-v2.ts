import { defineMigration } from '@orion/platform/database';
import { EVENT_TABLES_V2 } from '@orion/platform/events';

export const eventTablesV2 = defineMigration(5, 'event-tables-v2', EVENT_TABLES_V2);
