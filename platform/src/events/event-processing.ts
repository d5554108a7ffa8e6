import type { DataSource, EntityManager } from 'typeorm';
import type { Logger } from '../log/index.js';
import { backoffDelay } from './backoff.js';
import { runCausedBy } from './causation.js';
import type { Cause } from './causation.js';
import type { EventContract } from './contract.js';
import type { EventEnvelope } from './envelope.js';
import { describeIssues } from './pending-event.js';
import type { EventHandler } from './route.js';

/** When to try a failed event again. */
export interface RetryPolicy {
  /** Calls of the handler before the event is dead. */
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
}

/** 1 s, 2 s, 4 s ... each with jitter, at most 1 h; dead after 8 attempts, which takes two minutes. */
export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 8, baseMs: 1_000, factor: 2, capMs: 3_600_000 };

/**
 * none: an event that failed is overtaken by the later ones. key: later events of its key wait until it has taken
 * effect or is dead.
 */
export type EventOrdering = 'none' | 'key';

/** What all parts of one consumer work with. */
export interface Processing {
  readonly dataSource: DataSource;
  readonly group: string;
  readonly ordering: EventOrdering;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly handle: EventHandler;
  readonly retry: RetryPolicy;
  readonly logger: Logger;
}

/** Nobody told this process what the type means: a newer producer, or a foreign one. */
export class UnknownEventTypeError extends Error {
  override readonly name = 'UnknownEventTypeError';
}

/** The data is not what the contract of the type says. */
export class EventSchemaError extends Error {
  override readonly name = 'EventSchemaError';
}

/**
 * Validates the event and calls the handler, under the event as cause. Rejects with UnknownEventTypeError,
 * EventSchemaError or what the handler threw.
 */
export async function handleEvent(
  { contracts, handle }: Pick<Processing, 'contracts' | 'handle'>,
  event: EventEnvelope,
  manager: EntityManager,
): Promise<void> {
  const contract = contracts.get(event.type);
  if (contract === undefined) throw new UnknownEventTypeError(`no contract for ${event.type}`);
  const parsed = contract.schema.safeParse(event.data);
  if (!parsed.success) throw new EventSchemaError(`${event.type}: ${describeIssues(parsed.error).join('; ')}`);
  await runCausedBy(causeOf(event), () => handle({ ...event, data: parsed.data }, manager));
}

/** What an event causes carries its correlation, its id and its actor. */
export function causeOf(event: EventEnvelope): Cause {
  return { correlationId: event.correlationId, causationId: event.id, actorId: event.actorId };
}

/** Milliseconds until the next attempt, after attempt number `attempt` failed. */
export function retryDelay(retry: RetryPolicy, attempt: number): number {
  return backoffDelay(attempt, retry);
}
