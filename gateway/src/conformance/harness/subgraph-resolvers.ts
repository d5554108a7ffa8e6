import { isInterfaceType, Kind, parse } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, GraphQLSchema, SelectionSetNode } from 'graphql';
import { findRow } from './data.js';
import type { GraphData, Row } from './data.js';

type Resolver = (source: Row, args: object, context: unknown, info: unknown) => unknown;
export type Resolvers = Record<string, Record<string, Resolver>>;

/** Marks what was looked up by a representation. */
const LOOKED_UP = Symbol('looked up');

/** What resolvers of a subgraph are made from. */
export interface ResolverSource {
  readonly document: DocumentNode;
  readonly data: GraphData;
  /** The whole graph as one schema: it knows the types behind an `@interfaceObject`. */
  readonly whole: GraphQLSchema;
}

/**
 * Resolvers of a subgraph over the graph's data, as strict as a stranger's: an entity that is looked up knows the
 * subgraph's own fields and what it was sent, no more; a field with `@requires` throws unless its object was looked up;
 * an `@external` field that nothing provides throws always.
 */
export function createResolvers({ document, data, whole }: ResolverSource): Resolvers {
  const resolvers: Resolvers = {};
  const provided = providedText(document);
  const own = new Map<string, Set<string>>();
  const extended = new Set<string>();
  for (const definition of document.definitions) {
    if (!('fields' in definition) || definition.kind.startsWith('Input') || definition.name === undefined) continue;
    const type = definition.name.value;
    const names = own.get(type) ?? new Set<string>();
    own.set(type, names);
    if (has(definition.directives, 'external')) extended.add(type);
    const keys = keyText(definition.directives);
    for (const field of (definition.fields ?? []) as readonly FieldDefinitionNode[]) {
      const name = field.name.value;
      const external = has(field.directives, 'external') || extended.has(type);
      if (!external) names.add(name);
      if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_EXTENSION)
        continue;
      if (has(field.directives, 'requires')) (resolvers[type] ??= {})[name] = onlyWhenLookedUp(type, name);
      else if (external && !mentions(keys, name) && !mentions(provided, name))
        (resolvers[type] ??= {})[name] = onlyWhenSent(type, name);
    }
    const keySets = resolvableKeys(definition.directives);
    if (keySets.length > 0)
      (resolvers[type] ??= {})['__resolveReference'] = lookUp({ type, keySets, own, data, whole });
  }
  return resolvers;
}

interface LookUp {
  readonly type: string;
  readonly keySets: readonly SelectionSetNode[];
  /** Fields that the subgraph owns, by type. */
  readonly own: ReadonlyMap<string, ReadonlySet<string>>;
  readonly data: GraphData;
  readonly whole: GraphQLSchema;
}

/** Asynchronous, so that one that throws spoils only its own entity. */
function lookUp({ type, keySets, own, data, whole }: LookUp): (representation: Row) => Promise<Row | null> {
  const wholeType = whole.getType(type);
  const typenames = new Set(
    isInterfaceType(wholeType) ? whole.getPossibleTypes(wholeType).map(({ name }) => name) : [type],
  );
  return async (representation) => {
    if (!keySets.some((keySet) => holds(representation, keySet)))
      throw new Error(`${type} has no resolvable key in ${JSON.stringify(representation)}`);
    const row = findRow(data.rows, typenames, representation);
    if (row === undefined) return null;
    const found: Record<string | symbol, unknown> = { [LOOKED_UP]: true };
    // Of an interface's entity the subgraph knows what it knows of the type; an @interfaceObject has no types there.
    const known = own.get(row.__typename ?? type) ?? own.get(type) ?? new Set<string>();
    for (const [field, value] of Object.entries(row)) {
      if (known.has(field) || field.startsWith('_')) found[field] = value;
    }
    for (const [field, value] of Object.entries(representation)) {
      if (!known.has(field) || !(field in found)) found[field] = value;
    }
    found['__typename'] = own.has(row.__typename ?? '') ? row.__typename : type;
    return found;
  };
}

/** Field sets of the keys by which the subgraph finds an entity. */
function resolvableKeys(directives: readonly ConstDirectiveNode[] | undefined): readonly SelectionSetNode[] {
  return (directives ?? [])
    .filter(
      (directive) =>
        directive.name.value === 'key' &&
        directive.arguments?.some(
          ({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value,
        ) !== true,
    )
    .flatMap((directive) => {
      const [definition] = parse(`{ ${fieldSets([directive], 'key')} }`).definitions;
      return definition?.kind === Kind.OPERATION_DEFINITION ? [definition.selectionSet] : [];
    });
}

/** Whether the value has every field of the field set, nulls included. */
function holds(value: unknown, { selections }: SelectionSetNode): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.every((item) => holds(item, { kind: Kind.SELECTION_SET, selections }));
  if (typeof value !== 'object') return false;
  return selections.every((selection) => {
    if (selection.kind !== Kind.FIELD) return true;
    const field = (value as Row)[selection.name.value];
    return field !== undefined && (selection.selectionSet === undefined || holds(field, selection.selectionSet));
  });
}

const call = (source: Row, field: string, rest: readonly unknown[]): unknown => {
  const value = source[field];
  return typeof value === 'function' ? value.apply(source, rest) : value;
};

function onlyWhenLookedUp(type: string, field: string): Resolver {
  return (source, ...rest) => {
    if (!(LOOKED_UP in source)) throw new Error(`${type}.${field} was asked of an object that was sent nothing`);
    return call(source, field, rest);
  };
}

function onlyWhenSent(type: string, field: string): Resolver {
  return (source, ...rest) => {
    if (!(LOOKED_UP in source)) throw new Error(`${type}.${field} is external and nothing provides it`);
    return call(source, field, rest);
  };
}

function has(directives: readonly ConstDirectiveNode[] | undefined, name: string): boolean {
  return directives?.some((directive) => directive.name.value.replace(/^federation__/, '') === name) === true;
}

function fieldSets(directives: readonly ConstDirectiveNode[] | undefined, name: string): string {
  return (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .flatMap((directive) => directive.arguments ?? [])
    .map((argument) => (argument.value.kind === Kind.STRING ? argument.value.value : ''))
    .join(' ');
}

const keyText = (directives: readonly ConstDirectiveNode[] | undefined): string => fieldSets(directives, 'key');

/** Every name in every `@provides` and every nested key of the document. */
function providedText(document: DocumentNode): string {
  const texts: string[] = [];
  for (const definition of document.definitions) {
    if (!('fields' in definition)) continue;
    texts.push(keyText(definition.directives));
    for (const field of definition.fields ?? []) texts.push(fieldSets(field.directives, 'provides'));
  }
  return texts.join(' ');
}

const mentions = (fieldSet: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(fieldSet);
