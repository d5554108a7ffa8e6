import { getNamedType, isCompositeType } from 'graphql';
import type { GraphQLCompositeType, GraphQLSchema, NamedTypeNode } from 'graphql';

/** The type whose fields are selected below a field; undefined for introspection and for what has no fields. */
export function typeOfField(parent: GraphQLCompositeType, fieldName: string): GraphQLCompositeType | undefined {
  const field = 'getFields' in parent ? parent.getFields()[fieldName] : undefined;
  const type = field && getNamedType(field.type);
  return isCompositeType(type) ? type : undefined;
}

/** The type whose fields are selected inside a fragment. */
export function conditionIn(
  schema: GraphQLSchema,
  { condition, parent }: { readonly condition: NamedTypeNode | undefined; readonly parent: GraphQLCompositeType },
): GraphQLCompositeType {
  const type = condition === undefined ? parent : schema.getType(condition.name.value);
  return isCompositeType(type) ? type : parent;
}
