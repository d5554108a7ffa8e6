import type { FetchDataRewrite } from '@apollo/query-planner';
import { isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { get, isData, set } from './data.js';
import type { Data } from './data.js';

const CONDITION = '... on ';

/** Applies what the planner ordered for a fetch's input or output: a key renamed back, a value set. */
export function applyRewrites(
  value: unknown,
  { rewrites, schema }: { readonly rewrites: readonly FetchDataRewrite[] | undefined; readonly schema: GraphQLSchema },
): void {
  for (const rewrite of rewrites ?? []) {
    const key = rewrite.path.at(-1);
    if (key === undefined) continue;
    for (const data of reach(value, rewrite.path.slice(0, -1), schema)) applyTo(data, key, rewrite);
  }
}

/** A representation that names its entity as the other subgraph knows it. */
export function rewriteRepresentation(
  text: string,
  options: { readonly rewrites: readonly FetchDataRewrite[]; readonly schema: GraphQLSchema },
): string {
  const representation: unknown = JSON.parse(text);
  applyRewrites(representation, options);
  return JSON.stringify(representation);
}

function applyTo(data: Data, key: string, rewrite: FetchDataRewrite): void {
  if (rewrite.kind === 'ValueSetter') return set(data, key, rewrite.setValueTo);
  const value = get(data, key);
  if (value === undefined) return;
  delete data[key];
  set(data, rewrite.renameKeyTo, value);
}

function reach(value: unknown, path: readonly string[], schema: GraphQLSchema): Data[] {
  if (Array.isArray(value)) return value.flatMap((element) => reach(element, path, schema));
  if (!isData(value)) return [];
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  if (!step.startsWith(CONDITION)) return reach(get(value, step), rest, schema);
  return isOfType(value, step.slice(CONDITION.length), { schema, whenUnknown: true }) ? reach(value, rest, schema) : [];
}

/** Does the object's `__typename` satisfy the type condition? */
export function isOfType(
  data: Data,
  condition: string,
  { schema, whenUnknown }: { readonly schema: GraphQLSchema; readonly whenUnknown: boolean },
): boolean {
  const typename = get(data, '__typename');
  if (typeof typename !== 'string') return whenUnknown;
  if (typename === condition) return true;
  const type = schema.getType(typename);
  const wanted = schema.getType(condition);
  if (!isAbstractType(wanted) || !(isObjectType(type) || isInterfaceType(type))) return false;
  return schema.isSubType(wanted, type);
}
