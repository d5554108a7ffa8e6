import { isInterfaceType, Kind } from 'graphql';
import type { GraphQLSchema } from 'graphql';

/** Names of the interfaces that some subgraph knows as an object: https://specs.apollo.dev/join/v0.3/#@join__type */
export function interfaceObjectsOf(schema: GraphQLSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    const isMarked =
      isInterfaceType(type) &&
      type.astNode?.directives?.some(
        ({ name, arguments: given }) =>
          name.value === 'join__type' &&
          given?.some(
            (argument) =>
              argument.name.value === 'isInterfaceObject' &&
              argument.value.kind === Kind.BOOLEAN &&
              argument.value.value,
          ),
      );
    if (isMarked === true) names.add(type.name);
  }
  return names;
}
