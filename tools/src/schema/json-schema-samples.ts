import fc from 'fast-check';
import type { JsonSchema } from './json-schema.js';

/** Also names that are keywords: a property may be called so. */
const NAMES = ['a', 'title', 'description'];
const DEFINITIONS = ['D', 'title'];

const { schema: nested } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ type: fc.constant('string'), maxLength: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      type: fc.constant('integer'),
      minimum: fc.integer({ min: 0, max: 2 }),
      title: fc.constantFrom('x', 'y'),
    }),
    fc.record({ type: fc.constantFrom('boolean', 'null', 'number') }),
    fc.record({ type: fc.subarray(['boolean', 'null', 'number'], { minLength: 1 }) }),
    fc.record({ enum: fc.subarray(['p', 'q', 1, null], { minLength: 1 }) }),
    fc.record({ $ref: fc.constantFrom(...DEFINITIONS.map((name) => `#/$defs/${name}`)) }),
    objectSchema(tie('schema')),
    fc.record({ type: fc.constant('array'), maxItems: fc.constant(3), items: tie('schema') }),
    fc.record({
      type: fc.constant('array'),
      prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      items: fc.constant(false),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ anyOf: tie('schema').map((schema) => [schema, { type: 'null' }]) }),
    fc.record({ allOf: fc.array(objectSchema(tie('schema')), { minLength: 2, maxLength: 2 }) }),
  ),
}));

/** Null in three of four cases. */
function seldom<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

function objectSchema(inner: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> {
  return fc
    .record({
      properties: fc.dictionary(fc.constantFrom(...NAMES), inner, { maxKeys: 3 }),
      required: fc.subarray(NAMES),
      additionalProperties: seldom(fc.oneof(fc.constant(false), inner)),
      beside: seldom(fc.record({ anyOf: fc.tuple(inner) })),
    })
    .map(({ properties, required, additionalProperties, beside }) => ({
      type: 'object',
      properties: { ...properties },
      required: required.filter((name) => Object.hasOwn(properties, name)),
      ...(additionalProperties === null ? {} : { additionalProperties }),
      ...beside,
    }));
}

/** A schema of an event's data, with definitions that do not refer to each other. */
export const anySchema = (): fc.Arbitrary<JsonSchema> =>
  fc
    .tuple(
      objectSchema(nested),
      fc.array(objectSchema(fc.constant({ type: 'integer' })), { minLength: 2, maxLength: 2 }),
    )
    .map(([schema, definitions]) => ({
      ...schema,
      $defs: Object.fromEntries(DEFINITIONS.map((name, index) => [name, definitions[index]])),
    }));

/** A schema and one that somebody made of it by a few edits. */
export const anyEdit = (): fc.Arbitrary<readonly [JsonSchema, JsonSchema]> =>
  fc
    .tuple(
      anySchema(),
      fc.array(
        fc.record({ place: fc.nat(), kind: fc.nat({ max: 9 }), name: fc.constantFrom(...NAMES), other: nested }),
        { minLength: 1, maxLength: 2 },
      ),
    )
    .map(([before, edits]) => {
      const after = structuredClone(before);
      for (const { place, ...edit } of edits) {
        const places = [...schemasIn(after)];
        applyEdit(places[place % places.length] ?? {}, edit);
      }
      return [before, after] as const;
    });

function* schemasIn(node: unknown): Generator<Record<string, unknown>> {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const each of node) yield* schemasIn(each);
    return;
  }
  const schema = node as Record<string, unknown>;
  yield schema;
  for (const keyword of ['properties', '$defs']) {
    for (const inner of Object.values(schema[keyword] ?? {})) yield* schemasIn(inner);
  }
  for (const keyword of ['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'additionalProperties'])
    yield* schemasIn(schema[keyword]);
}

/** Half of the edits are harmless, so that the gate has something to let through. */
function applyEdit(
  schema: Record<string, unknown>,
  { kind, name, other }: { readonly kind: number; readonly name: string; readonly other: JsonSchema },
): void {
  const properties = (schema['properties'] ?? {}) as Record<string, unknown>;
  const required = (schema['required'] ?? []) as string[];
  if (kind < 5) {
    if (schema['type'] === 'object') properties[name] ??= other;
    else schema['description'] = name;
  } else if (kind === 5) Reflect.deleteProperty(properties, name);
  else if (kind === 6) schema['required'] = required.includes(name) ? [] : [...required, name];
  else if (kind === 7) schema['additionalProperties'] = false;
  else if (kind === 8 && typeof schema['maxLength'] === 'number') schema['maxLength'] += 1;
  else if (kind === 8 && Array.isArray(schema['enum'])) schema['enum'] = [...schema['enum'], name];
  else if (name in properties) properties[name] = kind === 8 ? false : other;
}
