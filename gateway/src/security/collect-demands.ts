import { isCompositeType, Kind } from 'graphql';
import type {
  DocumentNode,
  GraphQLCompositeType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { conditionIn, typeOfField } from './selected-types.js';
import type { Demand } from './authorization.js';
import type { FieldDemands } from './field-demands.js';

interface Scope {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly fields: FieldDemands;
}

/** The distinct demands of all fields of an operation, in the order in which it meets them. */
export function collectDemands(
  operation: OperationDefinitionNode,
  { schema, document, fields }: Scope,
): readonly Demand[] {
  const demands = new Set<Demand>();
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode, parent: GraphQLCompositeType): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        for (const demand of fields.of(parent, name)) demands.add(demand);
        const type = typeOfField(parent, name);
        if (selection.selectionSet !== undefined && type !== undefined) collect(selection.selectionSet, type);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, conditionIn(schema, { condition: selection.typeCondition, parent }));
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        collectFragment(selection.name.value);
      }
    }
  };
  const collectFragment = (name: string): void => {
    for (const node of document.definitions) {
      if (node.kind !== Kind.FRAGMENT_DEFINITION || node.name.value !== name) continue;
      const type = schema.getType(node.typeCondition.name.value);
      if (isCompositeType(type)) collect(node.selectionSet, type);
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root != null) collect(operation.selectionSet, root);
  return [...demands];
}
