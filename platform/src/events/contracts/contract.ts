import type { z } from 'zod';
import type { Cause } from '../causation.js';
import { nameOfType, versionOfType } from '../event-type.js';
import type { EventType } from '../event-type.js';

/** Who publishes; what several services publish is the system's. An owner's topic is `orion.<owner>`. */
export type EventOwner = 'auth' | 'user' | 'notification' | 'analytics' | 'system';

/** Where events of contracts are published. */
export type EventTopic = `orion.${EventOwner | 'audit' | 'dlq'}`;

/** UTF-8 bytes of an envelope as JSON. Larger data belongs into a table, and a reference to it into the event. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** What producers and consumers of one event type in one version agree on. */
export interface EventContract<TData = unknown> {
  readonly type: EventType;
  /** Rises with every change that an old consumer could not read; the type then is another one. */
  readonly version: number;
  readonly owner: EventOwner;
  /** Where it is published: `orion.<owner>`, unless the contract names another one. */
  readonly topic: string;
  /** CloudEvents `source`: `/subgraphs/<owner>`. */
  readonly source: string;
  readonly description: string;
  /** How large its envelope may be, in UTF-8 bytes of JSON. */
  readonly maxBytes: number;
  readonly schema: z.ZodType<TData>;
  /** How data of an older version becomes data of this one. */
  readonly upcastFrom?: Upcaster<TData>;
  /** Id of the aggregate that the event is about: order holds among events with equal keys. */
  key(data: TData): string;
  /** An event to hand to `publish`, which validates it. */
  of(data: TData): PendingEvent<TData>;
}

/**
 * Makes data of this version from data of an older one of the same event, which may still be in a log or in an outbox.
 * A pure function: the same data gives the same again.
 */
export interface Upcaster<TData, TOld = unknown> {
  readonly contract: EventContract<TOld>;
  upcast(old: TOld): TData;
}

/** An event that nobody has published yet. */
export interface PendingEvent<TData = unknown> {
  readonly contract: EventContract<TData>;
  readonly data: TData;
  /** Why it happens; default what runs now. For one of many that are published together and have causes of their own. */
  readonly cause?: Cause;
}

/**
 * Defines an event type. The schema describes data as it is in JSON: no transformations, so that parsing what was
 * published gives the same again. Throws when the type is not spelt `dev.orion.<subject>.<what>.v<version>`.
 */
export function defineEvent<TSchema extends z.ZodType, TOld = unknown>(definition: {
  readonly type: EventType;
  readonly owner: EventOwner;
  /** Default: `orion.<owner>`. */
  readonly topic?: EventTopic;
  readonly description: string;
  /** Default: MAX_EVENT_BYTES. Kafka takes records of up to 1 MiB, unless its operator allows more. */
  readonly maxBytes?: number;
  readonly schema: TSchema;
  readonly upcastFrom?: Upcaster<z.output<TSchema>, TOld>;
  readonly key: (data: z.output<TSchema>) => string;
}): EventContract<z.output<TSchema>> {
  const { type, owner, description, schema, upcastFrom } = definition;
  const version = versionOfType(type);
  if (version === undefined) throw new Error(`event type ${type} is not dev.orion.<subject>.<what>.v<version>`);
  if (upcastFrom !== undefined && !isOlderVersion(upcastFrom.contract, { type, version }))
    throw new Error(`${type} cannot be upcast from ${upcastFrom.contract.type}, which is not an older version of it`);
  const contract: EventContract<z.output<TSchema>> = {
    type,
    owner,
    description,
    version,
    topic: definition.topic ?? `orion.${owner}`,
    maxBytes: definition.maxBytes ?? MAX_EVENT_BYTES,
    source: `/subgraphs/${owner}`,
    schema: schema as unknown as z.ZodType<z.output<TSchema>>,
    ...(upcastFrom === undefined ? {} : { upcastFrom }),
    key: definition.key,
    of: (data) => ({ contract, data }),
  };
  return contract;
}

function isOlderVersion(older: EventContract, { type, version }: { readonly type: string; readonly version: number }) {
  return nameOfType(older.type) === nameOfType(type) && older.version < version;
}

/**
 * Contracts by type, with those that they upcast from. Throws when two contracts claim the same type, or to be the next
 * version of the same one.
 */
export function indexContracts(contracts: Iterable<EventContract>): ReadonlyMap<string, EventContract> {
  const byType = new Map<string, EventContract>();
  const next = new Map<EventContract, EventContract>();
  for (const named of contracts) {
    for (let contract: EventContract | undefined = named; contract !== undefined;) {
      const known = byType.get(contract.type);
      if (known !== undefined && known !== contract) throw new Error(`two contracts for ${contract.type}`);
      byType.set(contract.type, contract);
      const older: EventContract | undefined = contract.upcastFrom?.contract;
      if (older !== undefined) {
        const claimed = next.get(older);
        if (claimed !== undefined && claimed !== contract)
          throw new Error(`both ${claimed.type} and ${contract.type} are upcast from ${older.type}`);
        next.set(older, contract);
      }
      contract = older;
    }
  }
  return byType;
}
