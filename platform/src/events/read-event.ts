import type { EventContract } from './contract.js';
import type { EventEnvelope } from './envelope.js';

/** The data of an event of this contract, null for an event of another type. Throws when the data breaks the contract. */
export function readEvent<TData>(contract: EventContract<TData>, event: EventEnvelope): TData | null {
  return event.type === contract.type ? contract.schema.parse(event.data) : null;
}
