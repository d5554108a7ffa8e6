import { isAbstractType, isInterfaceType } from 'graphql';
import type { GraphQLSchema } from 'graphql';

/** Names of the types that satisfy a type condition; the condition itself among them: a subgraph may know an interface as an object. */
export type PossibleTypes = (condition: string) => ReadonlySet<string>;

export function createPossibleTypes(schema: GraphQLSchema): PossibleTypes {
  const known = new Map<string, ReadonlySet<string>>();
  return (condition) => {
    let types = known.get(condition);
    if (types === undefined) {
      types = find(schema, condition);
      known.set(condition, types);
    }
    return types;
  };
}

function find(schema: GraphQLSchema, condition: string): ReadonlySet<string> {
  const type = schema.getType(condition);
  if (!isAbstractType(type)) return new Set([condition]);
  const interfaces = isInterfaceType(type) ? schema.getImplementations(type).interfaces : [];
  return new Set([
    condition,
    ...schema.getPossibleTypes(type).map(({ name }) => name),
    ...interfaces.map(({ name }) => name),
  ]);
}
