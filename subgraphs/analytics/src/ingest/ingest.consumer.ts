import { allEventContracts, userDeleted } from '@orion/platform/event-contracts';
import type { EventEnvelope, EventHandler } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import type { Partitions } from '../partition/partitions.js';
import { insertEvents } from './insert-events.js';
import { storedEventOf } from './stored-event.js';

/** Topics that analytics keeps. */
export const TOPICS = ['orion.auth', 'orion.user', 'orion.notification', 'orion.system'] as const;

/** Stores every event; the inbox of the consumer makes it once. What is older than the retention is passed over. */
export function ingestEvents(partitions: Partitions): EventHandler {
  const handle = async (envelope: EventEnvelope, manager: EntityManager): Promise<void> => {
    const event = storedEventOf(envelope);
    if (partitions.isExpired(event.occurredAt)) return;
    await partitions.ensure([event.occurredAt]);
    if (envelope.type === userDeleted.type && event.userId !== null) {
      await forgetPerson(manager, event.userId);
      await insertEvents(manager, [{ ...event, userId: null }]);
    } else await insertEvents(manager, [event]);
  };
  return Object.assign(handle, { contracts: allEventContracts });
}

/** Keeps that something happened and when, and forgets with whom: sums of the past stay as they were. */
async function forgetPerson(manager: EntityManager, userId: string): Promise<void> {
  await manager.query(
    `UPDATE events SET user_id = NULL, session_id = NULL, anonymous_id = NULL, properties = '{}' WHERE user_id = $1`,
    [userId],
  );
}
