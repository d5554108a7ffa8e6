import { z } from 'zod';
import { dataSchemaOf } from '../event-type.js';
import type { EventContract } from './contract.js';

/** A JSON document. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * JSON Schema (draft 2020-12) of the data of an event, as a consumer must accept it: unknown properties are allowed.
 * `x-orion-` keywords say where it travels, so that a change of these is seen, too.
 */
export function eventJsonSchema(contract: EventContract): JsonObject {
  const { $schema, ...schema } = z.toJSONSchema(contract.schema, { io: 'input' });
  return {
    $schema,
    $id: dataSchemaOf(contract.type),
    title: contract.type,
    description: contract.description,
    'x-orion-topic': contract.topic,
    'x-orion-source': contract.source,
    'x-orion-key': contract.key(placesIn(schema, '')),
    ...schema,
  };
}

/** Data in which every value is the place where it stands: the key that a contract makes of it names its property. */
function placesIn(schema: unknown, place: string): unknown {
  const { properties, items, anyOf, type } = schema as z.core.JSONSchema.JSONSchema;
  if (properties !== undefined) {
    const inner = (name: string) => (place === '' ? name : `${place}.${name}`);
    return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, placesIn(each, inner(name))]));
  }
  if (type === 'array') return [placesIn(items ?? {}, `${place}[0]`)];
  const [first] = anyOf ?? [];
  return first === undefined ? place : placesIn(first, place);
}

/** `dev.orion.user.registered.v1` -> `UserRegisteredV1`. */
export function eventName(contract: EventContract): string {
  return contract.type
    .slice('dev.orion.'.length)
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
