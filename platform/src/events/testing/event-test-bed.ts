import { DataSource } from 'typeorm';
import { z } from 'zod';
import { uuidv7 } from '../../ids/index.js';
import { createLogger } from '../../log/index.js';
import { createTestDatabase } from '../../testing/test-database.js';
import { on, route } from '../consuming/route.js';
import type { EventHandler } from '../consuming/route.js';
import { defineEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { EVENT_TABLES_V1, EVENT_TABLES_V2 } from '../event-tables.js';
import { createTransport } from '../transport/transport-from-config.js';
import type { EventTransport } from '../transport/transport.js';

/** An event of the tests. */
export const counted = defineEvent({
  type: 'dev.orion.test.counted.v1',
  owner: 'user',
  description: 'Something was counted.',
  schema: z.object({ counterId: z.string().describe('The counter.'), n: z.number().int().describe('Its value.') }),
  key: ({ counterId }) => counterId,
});

/** Effects of events, with no unique key on purpose: it shows what was doubled, and `seq` shows the order. */
const LEDGER = `CREATE TABLE effects (
  seq bigserial PRIMARY KEY, grp text NOT NULL, event_id uuid NOT NULL, key text NOT NULL, n int NOT NULL, pid int NOT NULL)`;

/** A row of the ledger. */
export interface Effect {
  readonly event_id: string;
  readonly key: string;
  readonly n: number;
  readonly pid: number;
}

/** A service database and a bus database for one test file. */
export interface EventTestBed {
  readonly databaseUrl: string;
  readonly busUrl: string;
  readonly dataSource: DataSource;
  /** What took effect in a group, in order. */
  effects(group: string): Promise<readonly Effect[]>;
  /** Ends all connections whose application name is like `pattern`, as a restart of Postgres would. */
  cutConnections(pattern: string): Promise<void>;
  close(): Promise<void>;
}

/** No log lines in tests. */
export const silent = createLogger('test', { level: 'silent' });

/**
 * Opens the event log at an address: `postgresql://...`, or `kafka://` and brokers. Text, so that it can be handed to
 * another process.
 */
export function openTransport(address: string, clientId: string): EventTransport {
  const kafka = 'kafka://';
  return createTransport({
    ...(address.startsWith(kafka) ? { kafkaBrokers: address.slice(kafka.length) } : { busDatabaseUrl: address }),
    clientId,
    logger: silent,
    onFatal: (error) => {
      throw error;
    },
  });
}

/** Opens a pool on a database that has the event tables. */
export function openDataSource(url: string): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, applicationName: 'test-service' }).initialize();
}

/** Creates both databases, with event tables and a ledger. */
export async function openEventTestBed(): Promise<EventTestBed> {
  const [database, bus] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const dataSource = await openDataSource(database.url);
  await dataSource.query(`${EVENT_TABLES_V1}; ${EVENT_TABLES_V2}; ${LEDGER}`);
  return {
    databaseUrl: database.url,
    busUrl: bus.url,
    dataSource,
    effects: (group) =>
      dataSource.query('SELECT event_id, key, n, pid FROM effects WHERE grp = $1 ORDER BY seq', [group]),
    cutConnections: (pattern) =>
      dataSource.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name LIKE $1 AND pid <> pg_backend_pid() AND datname IN ($2, $3)`,
        [pattern, new URL(database.url).pathname.slice(1), new URL(bus.url).pathname.slice(1)],
      ),
    async close() {
      await dataSource.destroy();
      await Promise.all([database.drop(), bus.drop()]);
    },
  };
}

/** A `counted` envelope as the relay would append it. `topic` keeps tests apart. */
export function countedEvent(
  topic: string,
  { key = 'k', n, ...rest }: { readonly key?: string; readonly n: number } & Partial<EventEnvelope>,
): EventEnvelope {
  return {
    id: uuidv7(),
    type: counted.type,
    source: counted.source,
    topic,
    key,
    time: new Date().toISOString(),
    correlationId: `correlation-${n}`,
    causationId: `causation-${n}`,
    actorId: 'user-1',
    traceparent: null,
    data: { counterId: key, n },
    ...rest,
  };
}

/** Writes each `counted` event into the ledger, after `before` had a look at it. */
export function recordEffects(
  group: string,
  before: (n: number) => void | Promise<void> = () => undefined,
): EventHandler {
  return route([
    on(counted, async (event, manager) => {
      await manager.query('INSERT INTO effects (grp, event_id, key, n, pid) VALUES ($1, $2, $3, $4, $5)', [
        group,
        event.id,
        event.key,
        event.data.n,
        process.pid,
      ]);
      await before(event.data.n);
    }),
  ]);
}
