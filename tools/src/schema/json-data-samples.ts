import fc from 'fast-check';
import type { JsonSchema } from './json-schema.js';

const DEPTH = 4;

/**
 * Data that a producer could publish: at the most what the schema names, because a contract parses what it publishes.
 * Nearly all of it is valid; where alternatives contradict each other it is not.
 */
export function dataOf(schema: unknown, root: JsonSchema, depth = DEPTH): fc.Arbitrary<unknown> {
  if (typeof schema !== 'object' || schema === null || depth === 0) return fc.constantFrom<unknown>(null, 1, 'p');
  const given = schema as JsonSchema;
  const inner = (each: unknown) => dataOf(each, root, depth - 1);
  if (typeof given['$ref'] === 'string') {
    const definitions = root['$defs'] as Readonly<Record<string, unknown>>;
    return inner(definitions[given['$ref'].slice('#/$defs/'.length)]);
  }
  if (Array.isArray(given['enum'])) return fc.constantFrom<unknown>(...given['enum']);
  const parts = [
    ...(given['type'] === undefined ? [] : [ofType(given, inner)]),
    ...(['anyOf', 'oneOf'] as const).flatMap((keyword) => {
      const alternatives = given[keyword];
      return Array.isArray(alternatives) ? [fc.oneof(...alternatives.map(inner))] : [];
    }),
    ...(Array.isArray(given['allOf']) ? given['allOf'].map(inner) : []),
  ];
  return fc.tuple(...parts).map((values) => values.reduce(merged));
}

function merged(one: unknown, other: unknown): unknown {
  return isRecord(one) && isRecord(other) ? { ...one, ...other } : one;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ofType(schema: JsonSchema, inner: (each: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { type } = schema;
  if (Array.isArray(type)) return fc.oneof(...type.map((each: unknown) => ofType({ ...schema, type: each }, inner)));
  switch (type) {
    case 'string':
      return fc.string({ maxLength: Number(schema['maxLength']) });
    case 'integer':
      return fc.integer({ min: Number(schema['minimum'] ?? 0), max: 5 });
    case 'number':
      return fc.constantFrom(0.5, 1);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return Array.isArray(schema['prefixItems'])
        ? fc.tuple(...schema['prefixItems'].map(inner))
        : fc.array(inner(schema['items']), { maxLength: 3 });
    case 'object':
      return ofObject(schema, inner);
    default:
      return fc.constant(null);
  }
}

function ofObject(schema: JsonSchema, inner: (each: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, inner(each)])), {
    requiredKeys: required.filter((name) => Object.hasOwn(properties, name)),
  });
  if (additionalProperties === undefined || additionalProperties === false) return known;
  const more = fc.dictionary(fc.constantFrom('a', 'title', 'description', 'z'), inner(additionalProperties), {
    maxKeys: 2,
  });
  return fc.tuple(more, known).map(([extra, own]) => {
    const others = Object.entries(extra).filter(([name]) => !Object.hasOwn(properties, name));
    return { ...Object.fromEntries(others), ...own };
  });
}
