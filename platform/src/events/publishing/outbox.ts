import type { ClientBase } from 'pg';
import type { EntityManager } from 'typeorm';
import type { PendingEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { willWakeLocalRelay } from './local-relay.js';
import { sealEvents } from './pending-event.js';

/** Woken when a transaction commits that published while the active relay was not in its process. */
export const OUTBOX_CHANNEL = 'orion_outbox';

/** Nearly every transaction publishes one event: without arrays, that takes three quarters of the CPU. */
const INSERT_ONE = 'INSERT INTO outbox (id, envelope) VALUES ($1::uuid, $2::json)';

const INSERT_MANY = `INSERT INTO outbox (id, envelope)
  SELECT id, envelope FROM unnest($1::uuid[], $2::json[]) AS event (id, envelope)`;

const andNotify = (insert: string): string => `WITH published AS (${insert}) SELECT pg_notify('${OUTBOX_CHANNEL}', '')`;

const STATEMENTS = {
  one: { name: 'orion-publish-one', text: INSERT_ONE },
  many: { name: 'orion-publish-many', text: INSERT_MANY },
  oneAndNotify: { name: 'orion-publish-one-notify', text: andNotify(INSERT_ONE) },
  manyAndNotify: { name: 'orion-publish-many-notify', text: andNotify(INSERT_MANY) },
} as const;

/**
 * Publishes events as part of the transaction of `manager`: they exist if and only if it commits. The only way to
 * publish. Returns the envelopes. Publish after the write that an event tells of: then events of one aggregate keep
 * the order of the transactions that changed it.
 *
 * Throws EventValidationError with every problem of every event, and Error outside of a transaction.
 */
export async function publish(
  manager: EntityManager,
  events: readonly PendingEvent[],
): Promise<readonly EventEnvelope[]> {
  const { queryRunner } = manager;
  if (queryRunner?.isTransactionActive !== true) {
    throw new Error('publish needs the EntityManager of a transaction: dataSource.transaction((manager) => ...)');
  }
  if (events.length === 0) return [];
  const sealed = sealEvents(events);
  const ids = sealed.map(({ envelope }) => envelope.id);
  const texts = sealed.map(({ json }) => json);
  const quietly = willWakeLocalRelay(manager);
  // The connection of the transaction: TypeORM cannot prepare statements, and preparing halves the cost of this one.
  const client = (await queryRunner.connect()) as ClientBase;
  if (sealed.length === 1) {
    await client.query({ ...STATEMENTS[quietly ? 'one' : 'oneAndNotify'], values: [ids[0], texts[0]] });
  } else {
    await client.query({ ...STATEMENTS[quietly ? 'many' : 'manyAndNotify'], values: [ids, texts] });
  }
  return sealed.map(({ envelope }) => envelope);
}
