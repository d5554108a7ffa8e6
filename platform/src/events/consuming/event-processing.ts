import type { ClientBase } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import type { Logger } from '../../log/index.js';
import { runCausedBy } from '../causation.js';
import type { Cause } from '../causation.js';
import type { ResolveEvent } from '../contracts/resolve-event.js';
import type { EventEnvelope } from '../envelope.js';
import type { GroupMetrics } from '../event-metrics.js';
import type { RetryPolicy } from './retry-policy.js';
import type { EventHandler } from './route.js';

/**
 * none: an event that failed is overtaken by the later ones. key: later events of its key wait until it has taken
 * effect or is dead.
 */
export type EventOrdering = 'none' | 'key';

/** What all parts of one consumer work with. */
export interface Processing {
  readonly dataSource: DataSource;
  /** Named in what the group publishes. */
  readonly service: string;
  readonly group: string;
  readonly ordering: EventOrdering;
  readonly resolve: ResolveEvent;
  readonly handle: EventHandler;
  /** Tells whether events of this type are the group's business. */
  readonly wants: (type: string) => boolean;
  readonly retry: RetryPolicy;
  readonly metrics: GroupMetrics;
  /** Called with what took effect, after the commit. */
  readonly afterCommit: (events: readonly EventEnvelope[]) => void;
  readonly logger: Logger;
}

/** What it takes to have one event take effect. */
type Handling = Pick<Processing, 'resolve' | 'handle'>;

/** Calls the handler with the event as it wants it, under the event as cause. Rejects as `resolve` and the handler do. */
export async function handleEvent(
  { resolve, handle }: Handling,
  event: EventEnvelope,
  manager: EntityManager,
): Promise<void> {
  const resolved = resolve(event);
  await runCausedBy(causeOf(event), () => handle(resolved, manager));
}

/** Handles many, all or none: at once when the handler can do that, else one after the other. */
export async function handleEvents(
  handling: Handling,
  events: readonly EventEnvelope[],
  manager: EntityManager,
): Promise<void> {
  const { resolve, handle } = handling;
  if (handle.batch === undefined) {
    for (const event of events) await handleEvent(handling, event, manager);
  } else if (events.length > 0) {
    await handle.batch(events.map(resolve), manager);
  }
  await refuseAborted(manager);
}

/** Finds out a handler that swallowed the error of a statement: a COMMIT now would be a ROLLBACK that reports success. */
async function refuseAborted({ queryRunner }: EntityManager): Promise<void> {
  const client = (await queryRunner?.connect()) as ClientBase | undefined;
  // What the server said with its last answer, so that this costs no round trip.
  if (client?.getTransactionStatus() === 'E')
    throw new Error('the transaction is aborted: the handler swallowed the error of a statement');
}

/** What an event causes carries its correlation, its id, its actor and its trace. */
export function causeOf(event: EventEnvelope): Cause {
  return {
    correlationId: event.correlationId,
    causationId: event.id,
    actorId: event.actorId,
    traceparent: event.traceparent ?? null,
  };
}
