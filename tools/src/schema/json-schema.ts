import { isDeepStrictEqual } from 'node:util';

/** JSON Schema (2020-12) as far as it is looked into here. `true` and `false` are schemas, too. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly [keyword: string]: unknown;
}

/** Keywords that say something to people and nothing to validators. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'examples',
  'deprecated',
  'default',
]);
/** Their value maps names, which may be spelt like annotations, to schemas. */
const MAPS_OF_SCHEMAS = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);
/** Their value is data. */
const DATA = new Set(['const', 'enum', 'required', 'dependentRequired']);

export function isObjectSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword);
}

/** Keywords of a schema that say something to validators. */
export function assertionsOf(schema: JsonSchema): string[] {
  return Object.keys(schema).filter((keyword) => !isAnnotation(keyword));
}

/** Whether two schemas, or the values of one keyword in two of them, say the same to validators. */
export function saysTheSame(keyword: string | null, [before, after]: readonly [unknown, unknown]): boolean {
  return isDeepStrictEqual(withoutAnnotations(keyword, before), withoutAnnotations(keyword, after));
}

function withoutAnnotations(keyword: string | null, value: unknown): unknown {
  if (keyword !== null && DATA.has(keyword)) return value;
  if (Array.isArray(value)) return value.map((each) => withoutAnnotations(null, each));
  if (!isObjectSchema(value)) return value;
  const isMap = keyword !== null && MAPS_OF_SCHEMAS.has(keyword);
  const kept = Object.entries(value).filter(([name]) => isMap || !isAnnotation(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutAnnotations(isMap ? null : name, inner)]));
}

/** The schema of what is not null, when a schema allows null as one of its types or alternatives; else undefined. */
export function nonNullPart(schema: JsonSchema): unknown {
  const { type, anyOf, ...rest } = schema;
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((each) => each !== 'null');
    return { ...schema, type: others.length === 1 ? others[0] : others };
  }
  if (type !== undefined || !Array.isArray(anyOf) || assertionsOf(rest).length > 0) return undefined;
  const others = anyOf.filter((each) => !saysTheSame(null, [each, { type: 'null' }]));
  if (others.length === anyOf.length) return undefined;
  return others.length === 1 ? others[0] : { anyOf: others };
}

/** Whether a schema plainly has no place for null. */
export function refusesNull({ type }: JsonSchema): boolean {
  return type !== undefined && type !== 'null' && !(Array.isArray(type) && type.includes('null'));
}

/** Whether a keyword occurs anywhere in a schema. */
export function mentions(schema: unknown, keywords: ReadonlySet<string>): boolean {
  if (Array.isArray(schema)) return schema.some((each) => mentions(each, keywords));
  if (!isObjectSchema(schema)) return false;
  return Object.entries(schema).some(
    ([keyword, value]) =>
      keywords.has(keyword) ||
      (!DATA.has(keyword) &&
        (MAPS_OF_SCHEMAS.has(keyword) && isObjectSchema(value)
          ? Object.values(value).some((each) => mentions(each, keywords))
          : mentions(value, keywords))),
  );
}
