import { allEventContracts, userDeleted } from '@orion/platform/event-contracts';
import type { EventEnvelope, EventHandler } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import type { Partitions } from '../partition/partitions.js';
import { deletedAmong, forgetPeople, noteDeleted } from '../person/forget-people.js';
import { insertEvents } from './insert-events.js';
import { storedEventOf } from './stored-event.js';

/** Topics that analytics keeps. */
export const TOPICS = [
  'orion.auth',
  'orion.user',
  'orion.notification',
  'orion.system',
  'orion.dlq',
  'orion.audit',
] as const;

/**
 * Stores every event, those of a batch in one statement; the inbox of the consumer makes it once. What is older than
 * the retention is passed over.
 */
export function ingestEvents(partitions: Partitions): EventHandler {
  const batch = async (envelopes: readonly EventEnvelope[], manager: EntityManager): Promise<void> => {
    const events = envelopes.map(storedEventOf).filter(({ occurredAt }) => !partitions.isExpired(occurredAt));
    await partitions.ensure(events.map(({ occurredAt }) => occurredAt));
    await insertEvents(manager, events);
    // Last: a person is forgotten with what the same batch said of them, and with what is told of them later.
    const deleted = events.filter(({ type }) => type === userDeleted.type).flatMap(({ userId }) => userId ?? []);
    if (deleted.length > 0) await noteDeleted(manager, deleted);
    const gone = await deletedAmong(manager, [...new Set(events.flatMap(({ userId }) => userId ?? []))]);
    if (gone.length > 0) await forgetPeople(manager, gone);
  };
  const handle = (envelope: EventEnvelope, manager: EntityManager) => batch([envelope], manager);
  return Object.assign(handle, { batch, contracts: allEventContracts });
}
