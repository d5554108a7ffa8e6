import { assertionsOf, isObjectSchema, mentions, nonNullPart, refusesNull, saysTheSame } from './json-schema.js';
import type { JsonSchema } from './json-schema.js';

/** A fault and the place of it in the schema. */
export interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** Two schemas of one field. */
interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly path: readonly string[];
  /** Name of the field as people call it: `owner.name`, `tags[]`; empty for the data as a whole. */
  readonly field: string;
  /** Definitions are used where a new property could clash with another one: they may not change at all. */
  readonly frozenDefinitions: boolean;
}

/** Where an event travels: no part of the data, and told on its own. */
const WAYS = new Map([
  ['x-orion-topic', 'topic'],
  ['x-orion-source', 'source'],
  ['x-orion-key', 'key'],
]);
/** Looked into; a difference in any other keyword is a fault. */
const STRUCTURE = new Set([
  'properties',
  'required',
  'items',
  'prefixItems',
  'anyOf',
  'oneOf',
  '$defs',
  ...WAYS.keys(),
]);
/** Other parts of a schema that speak of the same properties: a new property could be one of theirs. */
const SPEAKS_OF_SAME_OBJECT = new Set(
  'allOf anyOf oneOf not if then else $ref $dynamicRef patternProperties dependentSchemas unevaluatedProperties'.split(
    ' ',
  ),
);
/** Combine schemas so that one that became narrower could contradict, or turn around, another. */
const COMBINES = new Set(
  'allOf not if then else contains patternProperties dependentSchemas unevaluatedProperties unevaluatedItems'.split(
    ' ',
  ),
);

/**
 * What data of one schema would meet with the other, in both directions: old events have new readers and the other way
 * round. Only new optional properties are none. Data has no more properties than its schema names, because producers
 * publish what their contract has parsed.
 */
export function eventSchemaFaults(before: JsonSchema, after: JsonSchema): Fault[] {
  const frozenDefinitions = [before, after].some((schema) => mentions(schema, COMBINES) || refersAmongOthers(schema));
  return [...wayFaults(before, after), ...compare({ before, after, path: [], field: '', frozenDefinitions })];
}

function wayFaults(before: JsonSchema, after: JsonSchema): Fault[] {
  return [...WAYS].flatMap(([keyword, name]) => {
    const [was, is] = [before[keyword], after[keyword]];
    // Schemas from before these were told do not tell them.
    if (was === undefined || was === is) return [];
    return [{ path: [keyword], message: `changes its ${name}: was ${shown(was)} and is ${shown(is)}` }];
  });
}

function compare(pair: Pair): Fault[] {
  const { before, after, path, field } = pair;
  if (!isObjectSchema(before) || !isObjectSchema(after)) {
    return saysTheSame(null, [before, after])
      ? []
      : [{ path, message: `changes ${at(field)}: was ${shown(before)} and is ${shown(after)}` }];
  }
  const [nonNullBefore, nonNullAfter] = [nonNullPart(before), nonNullPart(after)];
  if (nonNullBefore !== undefined && refusesNull(after))
    return [{ path, message: `no longer lets ${at(field)} be null` }, ...compare({ ...pair, before: nonNullBefore })];
  if (refusesNull(before) && nonNullAfter !== undefined)
    return [
      { path, message: `lets ${at(field)} be null, which its readers do not expect` },
      ...compare({ ...pair, after: nonNullAfter }),
    ];
  const keywords = new Set([...assertionsOf(before), ...assertionsOf(after)]);
  return [...keywords]
    .filter((keyword) => !STRUCTURE.has(keyword))
    .flatMap((keyword) => compareKeyword(keyword, { ...pair, before, after }))
    .concat(compareProperties({ ...pair, before, after }))
    .concat(
      ['items', 'prefixItems', 'anyOf', 'oneOf'].flatMap((keyword) =>
        compareWithin(keyword, { ...pair, before, after }),
      ),
    )
    .concat(compareDefinitions({ ...pair, before, after }));
}

type ObjectPair = Pair & { readonly before: JsonSchema; readonly after: JsonSchema };

function compareKeyword(keyword: string, { before, after, path, field }: ObjectPair): Fault[] {
  const [was, is] = [before[keyword], after[keyword]];
  if (saysTheSame(keyword, [was, is])) return [];
  return [
    { path: [...path, keyword], message: `changes ${at(field)}: ${keyword} was ${shown(was)} and is ${shown(is)}` },
  ];
}

function compareProperties(pair: ObjectPair): Fault[] {
  const { before, after, path, field } = pair;
  const [were, are] = [before.properties ?? {}, after.properties ?? {}];
  const names = [were, are].flatMap((properties) => Object.keys(properties));
  const required = [before, after].flatMap((schema) => schema.required ?? []);
  return [...new Set([...names, ...required])].flatMap((name) => {
    const [was, is] = [own(were, name), own(are, name)];
    const place = is === undefined ? [...path, 'properties'] : [...path, 'properties', name];
    const inner = field === '' ? name : `${field}.${name}`;
    const wasRequired = before.required?.includes(name) === true;
    const isRequired = after.required?.includes(name) === true;
    if (was !== undefined && is === undefined) return [{ path: place, message: `no longer has ${inner}` }];
    if (was === undefined && is !== undefined) {
      const message = newPropertyFault(inner, { before, isRequired });
      return message === null ? [] : [{ path: place, message }];
    }
    const faults: Fault[] = [];
    if (wasRequired !== isRequired)
      faults.push({ path: place, message: `makes ${inner} ${isRequired ? 'required' : 'optional'}` });
    if (was !== undefined) faults.push(...compare({ ...pair, before: was, after: is, path: place, field: inner }));
    return faults;
  });
}

function newPropertyFault(
  field: string,
  { before, isRequired }: { readonly before: JsonSchema; readonly isRequired: boolean },
): string | null {
  if (isRequired) return `requires ${field}, which older events lack (make it optional)`;
  if (before.additionalProperties === false)
    return `has a new ${field}, which its readers refuse (additionalProperties: false)`;
  if (before.additionalProperties !== undefined)
    return `has a new ${field}, which older events may have with other data (additionalProperties)`;
  const others = assertionsOf(before).filter((keyword) => SPEAKS_OF_SAME_OBJECT.has(keyword));
  return others.length === 0 ? null : `has a new ${field}, of which ${others.join(', ')} may say otherwise`;
}

/** Looks into the schemas that a keyword holds. */
function compareWithin(keyword: string, pair: ObjectPair): Fault[] {
  const { before, after, path, field } = pair;
  const [was, is] = [before[keyword], after[keyword]];
  if (was === undefined && is === undefined) return [];
  if (keyword === 'items' && was !== undefined && is !== undefined)
    return compare({ ...pair, before: was, after: is, path: [...path, keyword], field: `${field}[]` });
  if (!Array.isArray(was) || !Array.isArray(is) || was.length !== is.length) return compareKeyword(keyword, pair);
  return was.flatMap((each: unknown, index) =>
    compare({
      ...pair,
      before: each,
      after: is[index],
      path: [...path, keyword, String(index)],
      field: keyword === 'prefixItems' ? `${field}[${index}]` : `${at(field)} (alternative ${index + 1})`,
    }),
  );
}

/** Those of both; whoever refers to one that is gone, or to another one, differs himself. */
function compareDefinitions(pair: ObjectPair): Fault[] {
  const [were, are] = [pair.before, pair.after].map((schema) => schema['$defs'] ?? {}) as [JsonSchema, JsonSchema];
  return Object.keys(were).flatMap((name) => {
    const [before, after] = [own(were, name), own(are, name)];
    const place = { path: [...pair.path, '$defs', name], field: `$defs.${name}` };
    if (after === undefined || saysTheSame(null, [before, after])) return [];
    return pair.frozenDefinitions
      ? [{ path: place.path, message: `changes ${place.field}, which is combined with other schemas` }]
      : compare({ ...pair, ...place, before, after });
  });
}

/** A reference beside which other keywords speak of the same data. */
function refersAmongOthers(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(refersAmongOthers);
  if (!isObjectSchema(schema)) return false;
  const combined =
    schema['$ref'] !== undefined && assertionsOf(schema).some((keyword) => keyword !== '$ref' && keyword !== '$defs');
  return combined || Object.values(schema).some(refersAmongOthers);
}

function own(properties: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function at(field: string): string {
  return field === '' ? 'data' : field;
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
