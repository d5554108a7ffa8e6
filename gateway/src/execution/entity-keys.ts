import { isInterfaceType, isObjectType, Kind, parse } from 'graphql';
import type { ConstDirectiveNode, GraphQLNamedType, GraphQLSchema } from 'graphql';

/** Names of the fields by which any subgraph recognises entities of a type; `__typename` among them. */
export type KeysOf = (typename: string) => ReadonlySet<string>;

/** Reads the `@join__type(key:)`s of a supergraph: https://specs.apollo.dev/join/v0.3/#@join__type */
export function createKeysOf(schema: GraphQLSchema): KeysOf {
  const known = new Map<string, ReadonlySet<string>>();
  const ofType = (type: GraphQLNamedType): string[] =>
    (type.astNode?.directives ?? []).filter(({ name }) => name.value === 'join__type').flatMap(fieldsOf);
  return (typename) => {
    const before = known.get(typename);
    if (before !== undefined) return before;
    const type = schema.getType(typename);
    const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
    const keys = new Set(['__typename', ...(type === undefined ? [] : [type, ...interfaces]).flatMap(ofType)]);
    // What a subgraph invents is not remembered.
    if (type !== undefined) known.set(typename, keys);
    return keys;
  };
}

function fieldsOf(directive: ConstDirectiveNode): string[] {
  const key = directive.arguments?.find(({ name }) => name.value === 'key')?.value;
  if (key?.kind !== Kind.STRING) return [];
  const [operation] = parse(`{${key.value}}`, { noLocation: true }).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return [];
  return operation.selectionSet.selections.flatMap((field) => (field.kind === Kind.FIELD ? [field.name.value] : []));
}
