import { securityEventRecorded } from '@orion/platform/event-contracts';
import { readEvent } from '@orion/platform/events';
import type { EventEnvelope } from '@orion/platform/events';
import { createLiveChannel } from '@orion/platform/live';
import { SecurityEvent } from './security-event.entity.js';
import { SecurityEventType, SecuritySeverity } from './security-event.types.js';
import type { SecurityEventFilter } from './security-event-list.types.js';

/** Under which operators listen: no id of a user. */
const EVERYBODY = '*';

/** Security events as they are recorded, in whichever process that is. */
export interface SecurityEventFeed {
  /** For the tail of the topic of auth. */
  hear(envelope: EventEnvelope): void;
  ofUser(userId: string): AsyncIterable<SecurityEvent>;
  ofEverybody(filter: SecurityEventFilter | null): AsyncIterable<SecurityEvent>;
  close(): void;
}

export function createSecurityEventFeed(): SecurityEventFeed {
  const channel = createLiveChannel<SecurityEvent>();
  return {
    hear(envelope) {
      const event = readSecurityEvent(envelope);
      if (event === null) return;
      if (event.userId !== null) channel.publish(event.userId, event);
      channel.publish(EVERYBODY, event);
    },
    ofUser: (userId) => channel.listen(userId),
    ofEverybody(filter) {
      // Now, not with the first `next()`.
      const all = channel.listen(EVERYBODY);
      return only(all, (event) => matches(event, filter));
    },
    close: () => channel.close(),
  };
}

/** Null for another event, and for a type that this version does not know. */
function readSecurityEvent(envelope: EventEnvelope): SecurityEvent | null {
  const recorded = readEvent(securityEventRecorded, envelope);
  if (recorded === null) return null;
  const { securityEventId: id, kind, severity, occurredAt, actorId: _actor, ...rest } = recorded;
  const type: SecurityEventType | undefined = SecurityEventType[kind.toUpperCase() as keyof typeof SecurityEventType];
  if (type === undefined) return null;
  return Object.assign(new SecurityEvent(), {
    ...rest,
    id,
    type,
    severity: SecuritySeverity[severity.toUpperCase() as keyof typeof SecuritySeverity],
    occurredAt: new Date(occurredAt),
  });
}

function matches(event: SecurityEvent, filter: SecurityEventFilter | null): boolean {
  const { userId, types, severities, occurredAfter, occurredBefore } = filter ?? {};
  return (
    (userId == null || event.userId === userId) &&
    (types == null || types.includes(event.type)) &&
    (severities == null || severities.includes(event.severity)) &&
    (occurredAfter == null || event.occurredAt >= occurredAfter) &&
    (occurredBefore == null || event.occurredAt < occurredBefore)
  );
}

async function* only<Value>(
  values: AsyncIterable<Value>,
  isWanted: (value: Value) => boolean,
): AsyncGenerator<Value, void> {
  for await (const value of values) if (isWanted(value)) yield value;
}
