import { getNamedType, isAbstractType } from 'graphql';
import type { GraphQLCompositeType, GraphQLField, GraphQLNamedType, GraphQLSchema } from 'graphql';
import type { Demand } from './authorization.js';
import { argumentsOf, directiveNameIn, directivesOn } from './supergraph-directives.js';

/** What a supergraph demands for each of its fields. */
export interface FieldDemands {
  /** The supergraph demands nothing of anybody. */
  readonly isEmpty: boolean;
  /** Equal demands are the same object, so that they may be compared by identity. */
  of(parent: GraphQLCompositeType, fieldName: string): readonly Demand[];
}

const NONE: readonly Demand[] = [];

/**
 * Reads the demands of a supergraph whose definitions carry their directives. A field demands what stands at the
 * field, at the type around it and at the type of its value. Selected on an interface, it also demands what any object
 * behind the interface demands for it: who it will be is not known before a subgraph is asked, so that a fragment on
 * the object is the way to ask for less.
 */
export function readFieldDemands(schema: GraphQLSchema): FieldDemands {
  const read = createReader(schema);
  const known = new Map<string, Map<string, readonly Demand[]>>();

  const ofField = (type: GraphQLCompositeType, name: string): readonly Demand[] => {
    const field: GraphQLField<unknown, unknown> | undefined = 'getFields' in type ? type.getFields()[name] : undefined;
    return field === undefined ? read(type) : [...read(type), ...read(field), ...read(getNamedType(field.type))];
  };
  const compute = (parent: GraphQLCompositeType, name: string): readonly Demand[] => {
    // The name of a type is told with the field that led to it; what else begins so is introspection, which is public.
    if (name === '__typename') return read(parent);
    if (name.startsWith('__')) return NONE;
    const behind = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
    return unique([parent, ...behind].flatMap((type) => ofField(type, name)));
  };

  return {
    isEmpty: read.isEmpty,
    of: (parent, name) => {
      let fields = known.get(parent.name);
      if (fields === undefined) known.set(parent.name, (fields = new Map()));
      let demands = fields.get(name);
      if (demands === undefined) fields.set(name, (demands = compute(parent, name)));
      return demands;
    },
  };
}

function unique(demands: readonly Demand[]): readonly Demand[] {
  return demands.length === 0 ? NONE : [...new Set(demands)];
}

type Guarded = GraphQLNamedType | GraphQLField<unknown, unknown>;

const SPECIFICATIONS = 'https://specs.apollo.dev';

function createReader(schema: GraphQLSchema) {
  const nameOf = (name: string): string | undefined =>
    directiveNameIn(schema, { feature: `${SPECIFICATIONS}/${name}`, name });
  const readers = [
    { directive: nameOf('authenticated'), kind: 'authenticated', argument: undefined },
    { directive: nameOf('requiresScopes'), kind: 'scopes', argument: 'scopes' },
    { directive: nameOf('policy'), kind: 'policies', argument: 'policies' },
  ] as const;
  const interned = new Map<string, Demand>();
  const intern = (demand: Demand): Demand => {
    const key = JSON.stringify(demand);
    const known = interned.get(key) ?? demand;
    interned.set(key, known);
    return known;
  };
  const read = (element: Guarded): readonly Demand[] =>
    readers.flatMap(({ directive, kind, argument }) =>
      directive === undefined
        ? []
        : directivesOn(element, directive).map((node) =>
            intern({ kind, anyOf: argument === undefined ? [] : groupsOf(argumentsOf(node)[argument]) }),
          ),
    );
  return Object.assign(read, { isEmpty: readers.every(({ directive }) => directive === undefined) });
}

/** A group that is no list of names is one that nobody holds. */
function groupsOf(value: unknown): readonly (readonly string[])[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (group): group is string[] => Array.isArray(group) && group.every((name) => typeof name === 'string'),
  );
}
