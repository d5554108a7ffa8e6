import { userUpdated } from '@orion/platform/event-contracts';
import {
  createEventBackbone,
  createTransport,
  EVENT_TABLES_V1,
  EVENT_TABLES_V2,
  on,
  route,
} from '@orion/platform/events';
import type { EventEnvelope } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { createLogger } from '@orion/platform/log';
import { createTestDatabase } from '@orion/platform/testing';
import { DataSource } from 'typeorm';
import { envelopeOf } from './notification-fixture.js';

/** What the display name of a profile begins with that the service cannot stomach. */
export const POISON = 'poison';

/** Another service on the same bus, with a database of its own, whose only group fails on some events. */
export interface PoisonedService {
  readonly service: string;
  readonly group: string;
  /** What took effect, in order: the display names. */
  effects(): Promise<readonly string[]>;
  /** Makes it able to process everything. */
  cure(): void;
  /** Takes it off the bus, as if it were down. */
  leave(): Promise<void>;
  /** Brings it back. */
  join(): Promise<void>;
  stop(): Promise<void>;
}

/** An event that the group processes when `displayName` does not begin with POISON. */
export function profileEvent(displayName: string, overrides: Partial<EventEnvelope> = {}): EventEnvelope {
  return { ...envelopeOf(userUpdated.of({ userId: uuidv7(), displayName, locale: 'en' })), ...overrides };
}

/**
 * Starts the service under a name of its own; a failure is final, so events die at once. It takes what is published
 * from now on, unless it shall take what is in the log.
 */
export async function startPoisonedService(
  busUrl: string,
  { startAt = 'end' }: { readonly startAt?: 'beginning' | 'end' } = {},
): Promise<PoisonedService> {
  const service = `test-${uuidv7().slice(-8)}`;
  const group = `${service}.profiles`;
  const logger = createLogger('test', { level: 'silent' });
  const database = await createTestDatabase();
  const dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  await dataSource.query(
    `${EVENT_TABLES_V1}; ${EVENT_TABLES_V2}; CREATE TABLE effects (seq bigserial PRIMARY KEY, name text NOT NULL)`,
  );
  let isCured = false;
  let leave = (): Promise<void> => Promise.resolve();

  async function join(): Promise<void> {
    const transport = createTransport({ busDatabaseUrl: busUrl, clientId: service, logger });
    const backbone = createEventBackbone({ service, dataSource, databaseUrl: database.url, transport, logger });
    backbone.consume({
      group,
      topics: ['orion.user'],
      ordering: 'none',
      startAt,
      retry: { maxAttempts: 1 },
      handle: route([
        on(userUpdated, async ({ data }, manager) => {
          if (!isCured && data.displayName.startsWith(POISON)) throw new Error(`${data.displayName} is poison`);
          await manager.query('INSERT INTO effects (name) VALUES ($1)', [data.displayName]);
        }),
      ]),
    });
    await backbone.start();
    leave = async () => {
      leave = () => Promise.resolve();
      await backbone.stop();
      await transport.close();
    };
  }

  await join();
  return {
    service,
    group,
    async effects() {
      const rows: { readonly name: string }[] = await dataSource.query('SELECT name FROM effects ORDER BY seq');
      return rows.map(({ name }) => name);
    },
    cure() {
      isCured = true;
    },
    leave: () => leave(),
    join,
    async stop() {
      await leave();
      await dataSource.destroy();
      await database.drop();
    },
  };
}
