import { defineMigration, openDatabase } from '@orion/platform/database';
import { EVENT_TABLES_V1, EVENT_TABLES_V2 } from '@orion/platform/events';

/** What was committed, in the transaction of its event. */
const SENT = `CREATE TABLE sent (
  event_id uuid NOT NULL, key text NOT NULL, n int NOT NULL, fail int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())`;

/**
 * Effects have no unique key on purpose: what is doubled shows, and `seq` shows the order. `attempts` is written outside
 * of the handler's transaction, so that an attempt that failed shows too. `notices` are dead letters and audit events.
 */
const LEDGER = `
CREATE TABLE effects (
  seq bigserial PRIMARY KEY, event_id uuid NOT NULL, key text NOT NULL, n int NOT NULL, pid int NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX effects_event ON effects (event_id);
CREATE TABLE attempts (event_id uuid NOT NULL, attempt int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX attempts_event ON attempts (event_id);
CREATE TABLE notices (event_id uuid NOT NULL, type text NOT NULL, data json NOT NULL);
CREATE TABLE sent_copy (event_id uuid NOT NULL, key text NOT NULL, n int NOT NULL, fail int NOT NULL, at timestamptz NOT NULL);`;

const eventTables = [
  defineMigration(1, 'event-tables', EVENT_TABLES_V1),
  defineMigration(2, 'event-tables-v2', EVENT_TABLES_V2),
];

/** The database of the service that publishes, opened as a service opens it. */
export function openProducerDatabase(url: string, { poolSize = 5 }: { readonly poolSize?: number } = {}) {
  return openDatabase({
    url,
    poolSize,
    applicationName: 'faults-producer',
    entities: [],
    migrations: [...eventTables, defineMigration(3, 'sent', SENT)],
  });
}

/** The database of the service that consumes. */
export function openConsumerDatabase(url: string) {
  return openDatabase({
    url,
    applicationName: 'faults-consumer',
    entities: [],
    migrations: [...eventTables, defineMigration(3, 'ledger', LEDGER)],
  });
}
