import type { EventEnvelope } from '@orion/platform/events';
import { isUuid } from '@orion/platform/ids';
import { nameOfType } from './event-name.js';
import { keptProperties } from './kept-properties.js';
import type { Properties } from './kept-properties.js';

/** A row of the events table. */
export interface StoredEvent {
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Type of the envelope, or CLIENT_TYPE. */
  readonly type: string;
  readonly name: string;
  /** Whom it is about. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly anonymousId: string | null;
  readonly properties: Properties;
}

/** The `type` of what a client tracked. */
export const CLIENT_TYPE = 'client';

/** What analytics keeps of an event of the platform. */
export function storedEventOf({ id, type, time, actorId, data }: EventEnvelope): StoredEvent {
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Readonly<Record<string, unknown>>;
  return {
    eventId: id,
    occurredAt: new Date(time),
    type,
    name: nameOfType(type),
    userId: firstUuid(fields['userId'], fields['recipientId'], fields['requestedById'], actorId),
    sessionId: firstUuid(fields['sessionId']),
    anonymousId: null,
    properties: keptProperties(fields),
  };
}

function firstUuid(...candidates: readonly unknown[]): string | null {
  return candidates.find((one): one is string => typeof one === 'string' && isUuid(one))?.toLowerCase() ?? null;
}
