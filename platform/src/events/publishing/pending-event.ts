import { z } from 'zod';
import { uuidv7 } from '../../ids/index.js';
import { currentCause } from '../causation.js';
import type { Cause } from '../causation.js';
import type { PendingEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';

/** Events that do not keep their contract: nothing was published. `problems` has one line a problem, of all events. */
export class EventValidationError extends Error {
  override readonly name = 'EventValidationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`events break their contract: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** What a CloudEvents attribute must not hold: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system */
const NOT_IN_ATTRIBUTES = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** An envelope and its JSON text, which is what the outbox keeps. */
export interface SealedEvent {
  readonly envelope: EventEnvelope;
  readonly json: string;
}

/**
 * Validates events and gives each its envelope: a new id, the time now, and the cause of what runs now.
 * Throws EventValidationError with the problems of all of them.
 */
export function sealEvents(events: readonly PendingEvent[]): readonly SealedEvent[] {
  const problems: string[] = [];
  const sealed: SealedEvent[] = [];
  for (const event of events) {
    const result = sealEvent(event);
    if ('json' in result) sealed.push(result);
    else problems.push(...result.problems.map((problem) => `${event.contract.type}: ${problem}`));
  }
  if (problems.length > 0) throw new EventValidationError(problems);
  return sealed;
}

function sealEvent({
  contract,
  data,
  cause: own,
}: PendingEvent): SealedEvent | { readonly problems: readonly string[] } {
  const parsed = contract.schema.safeParse(data);
  if (!parsed.success) return { problems: describeIssues(parsed.error) };
  const key = contract.key(parsed.data);
  // Found here, it does not block the relay later: Postgres cannot keep NUL, and UTF-8 cannot keep half a surrogate pair.
  if (key === '' || NOT_IN_ATTRIBUTES.test(key)) return { problems: ['key is empty or holds control characters'] };
  const id = uuidv7();
  const cause: Cause = own ?? currentCause() ?? { correlationId: id, causationId: id, actorId: null };
  const envelope: EventEnvelope = {
    id,
    type: contract.type,
    source: contract.source,
    topic: contract.topic,
    key,
    time: new Date().toISOString(),
    correlationId: cause.correlationId,
    causationId: cause.causationId,
    actorId: cause.actorId,
    traceparent: cause.traceparent ?? null,
    data: parsed.data,
  };
  const json = JSON.stringify(envelope);
  const size = Buffer.byteLength(json);
  if (size > contract.maxBytes) return { problems: [`${size} bytes, at most ${contract.maxBytes} are allowed`] };
  return { envelope, json };
}

/** One line an issue: `path: message`. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${z.core.toDotPath(issue.path) || 'data'}: ${issue.message}`);
}
