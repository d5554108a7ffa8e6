import { createHash } from 'node:crypto';
import type { Viewer } from '@orion/platform/identity';
import { isReservedName } from '../ingest/event-name.js';
import { CLIENT_TYPE } from '../ingest/stored-event.js';
import type { StoredEvent } from '../ingest/stored-event.js';
import { TrackRejection } from './track.types.js';
import type { TrackedEventInput } from './track.types.js';
import { trackedProperties } from './tracked-properties.js';

const OLDEST_MS = 7 * 86_400_000;
const AHEAD_MS = 5 * 60_000;
const LONGEST_ID = 100;
const NAME = /^[a-z][a-z0-9_]{0,31}(?:\.[a-z0-9_]{1,32}){0,3}$/;

/** The row to store for what a client sent, or why it is rejected. */
export function checkEvent(
  input: TrackedEventInput,
  { viewer, now }: { readonly viewer: Viewer; readonly now: Date },
): StoredEvent | TrackRejection {
  const { id, name, anonymousId = null } = input;
  const occurredAt = input.occurredAt ?? now;
  if (!isId(id)) return TrackRejection.ID_INVALID;
  if (!NAME.test(name)) return TrackRejection.NAME_INVALID;
  if (isReservedName(name)) return TrackRejection.NAME_RESERVED;
  const age = now.getTime() - occurredAt.getTime();
  if (!(age <= OLDEST_MS && age >= -AHEAD_MS)) return TrackRejection.OCCURRED_AT_OUT_OF_RANGE;
  if (anonymousId !== null && !isId(anonymousId)) return TrackRejection.ANONYMOUS_ID_INVALID;
  const properties = trackedProperties(input.properties);
  if (typeof properties === 'string') return properties;
  return {
    eventId: eventIdOf(viewer.userId, id),
    occurredAt,
    type: CLIENT_TYPE,
    name,
    userId: viewer.userId,
    sessionId: viewer.sessionId,
    anonymousId,
    properties,
  };
}

function isId(text: string): boolean {
  return text.length >= 1 && text.length <= LONGEST_ID;
}

/**
 * A UUIDv8 (RFC 9562 section 5.8) that is the same for the same user and client id: nobody can take the id of somebody
 * else's event, or of one of the platform's own, and so keep it from being counted.
 */
function eventIdOf(userId: string, clientId: string): string {
  const bytes = createHash('sha256').update(`${userId}\0${clientId}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
