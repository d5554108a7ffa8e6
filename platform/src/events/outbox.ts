import type { ClientBase } from 'pg';
import type { EntityManager } from 'typeorm';
import type { PendingEvent } from './contract.js';
import type { EventEnvelope } from './envelope.js';
import { willWakeLocalRelay } from './local-relay.js';
import { sealEvents } from './pending-event.js';

/** Woken when a transaction commits that published while the active relay was not in its process. */
export const OUTBOX_CHANNEL = 'orion_outbox';

const INSERT = `INSERT INTO outbox (id, envelope)
  SELECT id, envelope FROM unnest($1::uuid[], $2::json[]) AS event (id, envelope)`;

const INSERT_AND_NOTIFY = `WITH published AS (${INSERT}) SELECT pg_notify('${OUTBOX_CHANNEL}', '')`;

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
  const quietly = willWakeLocalRelay(manager, queryRunner);
  // The connection of the transaction: TypeORM cannot prepare statements, and preparing halves the cost of this one.
  const client = (await queryRunner.connect()) as ClientBase;
  await client.query({
    name: quietly ? 'orion-publish' : 'orion-publish-notify',
    text: quietly ? INSERT : INSERT_AND_NOTIFY,
    values: [sealed.map(({ envelope }) => envelope.id), sealed.map(({ json }) => json)],
  });
  return sealed.map(({ envelope }) => envelope);
}
