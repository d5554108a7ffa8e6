import type { EntityManager } from 'typeorm';
import type { EventContract } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';

/** An envelope whose data has been validated by the contract of its type. */
export interface TypedEvent<TData> extends EventEnvelope {
  readonly data: TData;
}

/**
 * Takes effect of one event, through `manager`: what it writes, and what it publishes, is committed together with the
 * record that the event was processed, or not at all. Only database work: it runs inside a transaction that other
 * events wait for. When it rejects, the event is parked and tried again later.
 */
export interface EventHandler {
  (event: EventEnvelope, manager: EntityManager): Promise<void>;
  /**
   * Takes effect of many events, all or none, for instance with one INSERT of many rows. Called first; when it rejects,
   * what it did is rolled back, and the events are handled one by one. They are in order per key and have many causes:
   * what it publishes, it publishes under `runCausedBy` of its event.
   */
  readonly batch?: (events: readonly EventEnvelope[], manager: EntityManager) => Promise<void>;
  /** Contracts that the handler knows besides those that the consumer was given. */
  readonly contracts?: readonly EventContract[];
}

/** What to do with one event type. */
export interface EventRoute {
  readonly contract: EventContract;
  run(event: EventEnvelope, manager: EntityManager): Promise<void>;
}

/** Handles the events of one contract. */
export function on<TData>(
  contract: EventContract<TData>,
  handle: (event: TypedEvent<TData>, manager: EntityManager) => Promise<void>,
): EventRoute {
  return {
    contract,
    // The consumer has validated the data before it calls.
    run: (event, manager) => handle(event as TypedEvent<TData>, manager),
  };
}

/** Sends each event to the route of its type; other known types are passed over. Throws when a type has two routes. */
export function route(routes: readonly EventRoute[]): EventHandler {
  const byType = new Map(routes.map((entry) => [entry.contract.type as string, entry]));
  if (byType.size < routes.length) throw new Error('two routes for one event type');
  const handle = async (event: EventEnvelope, manager: EntityManager): Promise<void> =>
    byType.get(event.type)?.run(event, manager);
  return Object.assign(handle, { contracts: routes.map(({ contract }) => contract) });
}
