import type { EventContract } from './contracts/contract.js';
import type { EventEnvelope } from './envelope.js';

/**
 * The data of an event of this contract, upcast when it is of an older version; null for an event of another type.
 * Throws when the data breaks the contract.
 */
export function readEvent<TData>(contract: EventContract<TData>, event: EventEnvelope): TData | null {
  if (event.type === contract.type) return contract.schema.parse(event.data);
  const { upcastFrom } = contract;
  if (upcastFrom === undefined) return null;
  const old = readEvent(upcastFrom.contract, event);
  return old === null ? null : contract.schema.parse(upcastFrom.upcast(old));
}
