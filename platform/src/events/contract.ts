import type { z } from 'zod';

/** Who publishes: each owner has one topic, `orion.<owner>`. */
export type EventOwner = 'auth' | 'user' | 'notification' | 'analytics' | 'system';

/** `dev.orion.<subject>.<what>.v<version>`, lower case. */
export type EventType = `dev.orion.${string}.v${number}`;

/** What producers and consumers of one event type in one version agree on. */
export interface EventContract<TData = unknown> {
  readonly type: EventType;
  /** Rises with every change that an old consumer could not read; the type then is another one. */
  readonly version: number;
  readonly owner: EventOwner;
  /** Where it is published: `orion.<owner>`. */
  readonly topic: string;
  /** CloudEvents `source`: `/subgraphs/<owner>`. */
  readonly source: string;
  readonly description: string;
  readonly schema: z.ZodType<TData>;
  /** Id of the aggregate that the event is about: order holds among events with equal keys. */
  key(data: TData): string;
  /** An event to hand to `publish`, which validates it. */
  of(data: TData): PendingEvent<TData>;
}

/** An event that nobody has published yet. */
export interface PendingEvent<TData = unknown> {
  readonly contract: EventContract<TData>;
  readonly data: TData;
}

const TYPE = /^dev\.orion\.(?:[a-z][a-z0-9_]*\.)+v([1-9]\d*)$/;

/**
 * Defines an event type. The schema describes data as it is in JSON: no transformations, so that parsing what was
 * published gives the same again. Throws when the type is not spelt `dev.orion.<subject>.<what>.v<version>`.
 */
export function defineEvent<TSchema extends z.ZodType>(definition: {
  readonly type: EventType;
  readonly owner: EventOwner;
  readonly description: string;
  readonly schema: TSchema;
  readonly key: (data: z.output<TSchema>) => string;
}): EventContract<z.output<TSchema>> {
  const { type, owner, description, schema } = definition;
  const version = TYPE.exec(type)?.[1];
  if (version === undefined) throw new Error(`event type ${type} is not dev.orion.<subject>.<what>.v<version>`);
  const contract: EventContract<z.output<TSchema>> = {
    type,
    owner,
    description,
    version: Number(version),
    topic: `orion.${owner}`,
    source: `/subgraphs/${owner}`,
    schema: schema as unknown as z.ZodType<z.output<TSchema>>,
    key: definition.key,
    of: (data) => ({ contract, data }),
  };
  return contract;
}

/** Contracts by type. Throws when two contracts claim the same type. */
export function indexContracts(contracts: Iterable<EventContract>): ReadonlyMap<string, EventContract> {
  const byType = new Map<string, EventContract>();
  for (const contract of contracts) {
    const known = byType.get(contract.type);
    if (known !== undefined && known !== contract) throw new Error(`two contracts for ${contract.type}`);
    byType.set(contract.type, contract);
  }
  return byType;
}
