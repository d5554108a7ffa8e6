import type { EventEnvelope } from '../envelope.js';
import { nameOfType } from '../event-type.js';
import { describeIssues } from '../publishing/pending-event.js';
import { indexContracts } from './contract.js';
import type { EventContract } from './contract.js';

/** Nobody told this process what the type means: a newer producer, or a foreign one. */
export class UnknownEventTypeError extends Error {
  override readonly name = 'UnknownEventTypeError';
}

/**
 * The event is known, its version is not, or not to the handler that takes the event: a newer producer, while services
 * are being replaced. A process that is younger than this one can read it, so it is not lost.
 */
export class UnknownEventVersionError extends Error {
  override readonly name = 'UnknownEventVersionError';
}

/** The data is not what the contract of the type says. */
export class EventSchemaError extends Error {
  override readonly name = 'EventSchemaError';
}

/**
 * The event as its consumer wants it: data as the contract of the type parses it, of an older version upcast. Throws
 * UnknownEventTypeError, UnknownEventVersionError or EventSchemaError.
 */
export type ResolveEvent = (event: EventEnvelope) => EventEnvelope;

/**
 * @param known contracts of all that may come. What they upcast from is known, too.
 * @param taken contracts that the handler tells apart; an event of an older version is upcast until it is one of them.
 *   Absent: the handler takes every event in the version in which it comes.
 */
export function createEventResolver({
  known,
  taken,
}: {
  readonly known: Iterable<EventContract>;
  readonly taken?: readonly EventContract[] | undefined;
}): ResolveEvent {
  const contracts = indexContracts([...known, ...(taken ?? [])]);
  const versionsOf = (type: string, among: Iterable<EventContract>): number[] =>
    [...among].flatMap((contract) => (isOtherVersion(type, contract.type) ? [contract.version] : []));
  const steps = new Map<string, readonly EventContract[] | null>(
    [...contracts.values()].map((contract) => [contract.type, stepsTo(taken, { contract, contracts })]),
  );

  return (event) => {
    const path = steps.get(event.type);
    if (path === undefined || path === null) {
      const versions = versionsOf(event.type, path === null ? (taken ?? []) : contracts.values());
      if (versions.length === 0) throw new UnknownEventTypeError(`no contract for ${event.type}`);
      throw new UnknownEventVersionError(
        `${event.type} is of a version that is not known here (known: ${versions.map((version) => `v${version}`).join(', ')}); deploy what knows it, or an upcaster`,
      );
    }
    return path.reduce((before, contract) => parsed(contract, before), event);
  };
}

/** From a version to the next one that is taken; null when another version of the event is, and no upcaster leads there. */
function stepsTo(
  taken: readonly EventContract[] | undefined,
  { contract, contracts }: { readonly contract: EventContract; readonly contracts: ReadonlyMap<string, EventContract> },
): readonly EventContract[] | null {
  if (taken === undefined) return [contract];
  const path: EventContract[] = [];
  for (let step: EventContract | undefined = contract; step !== undefined; step = nextVersion(step, contracts)) {
    path.push(step);
    if (taken.includes(step)) return path;
  }
  return taken.some(({ type }) => isOtherVersion(contract.type, type)) ? null : [contract];
}

function isOtherVersion(type: string, of: string): boolean {
  const name = nameOfType(type);
  return name !== type && name === nameOfType(of);
}

function nextVersion(
  contract: EventContract,
  contracts: ReadonlyMap<string, EventContract>,
): EventContract | undefined {
  return [...contracts.values()].find(({ upcastFrom }) => upcastFrom?.contract === contract);
}

/** `event` as one of `contract`, of whose type it is, or from which it can be upcast. */
function parsed(contract: EventContract, event: EventEnvelope): EventEnvelope {
  const { type, upcastFrom } = contract;
  const data = type === event.type || upcastFrom === undefined ? event.data : upcastFrom.upcast(event.data);
  const result = contract.schema.safeParse(data);
  if (!result.success) throw new EventSchemaError(`${type}: ${describeIssues(result.error).join('; ')}`);
  return { ...event, type, data: result.data };
}
