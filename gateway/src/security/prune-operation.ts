import { GraphQLError, Kind, visit } from 'graphql';
import type {
  GraphQLCompositeType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { Demand } from './authorization.js';
import type { FieldDemands } from './field-demands.js';
import { conditionIn, typeOfField } from './selected-types.js';

interface Scope {
  readonly schema: GraphQLSchema;
  readonly fields: FieldDemands;
  readonly unmet: ReadonlySet<Demand>;
}

/** Where a selection set stands. */
interface Place {
  readonly parent: GraphQLCompositeType;
  /** Response keys from the root. */
  readonly path: readonly string[];
}

/** Takes the closed fields out of an operation without named fragments; null when nothing is left of it. */
export function pruneOperation(
  operation: OperationDefinitionNode,
  { schema, fields, unmet }: Scope,
): { readonly operation: OperationDefinitionNode | null; readonly errors: readonly GraphQLError[] } {
  const closed = new Map<string, readonly string[]>();
  const isClosed = (parent: GraphQLCompositeType, name: string): boolean =>
    fields.of(parent, name).some((demand) => unmet.has(demand));

  const pruneSet = (set: SelectionSetNode, place: Place): SelectionSetNode | undefined => {
    const known = closed.size;
    const names: string[][] = [];
    const selections = set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD)
        throw new Error(`the fragment ${selection.name.value} was to be inlined before it is authorised`);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const parent = conditionIn(schema, { condition: selection.typeCondition, parent: place.parent });
        const kept = pruneSet(selection.selectionSet, { ...place, parent });
        return kept === undefined
          ? []
          : [kept === selection.selectionSet ? selection : { ...selection, selectionSet: kept }];
      }
      const name = selection.name.value;
      const path = [...place.path, selection.alias?.value ?? name];
      if (isClosed(place.parent, name)) {
        if (name === '__typename') names.push(path);
        else closed.set(path.join('.'), path);
        return [];
      }
      if (selection.selectionSet === undefined) return [selection];
      const type = typeOfField(place.parent, name);
      // Introspection has no parent among the types of the graph and is not guarded here.
      if (type === undefined) return [selection];
      const kept = pruneSet(selection.selectionSet, { parent: type, path });
      return kept === undefined
        ? []
        : [kept === selection.selectionSet ? selection : { ...selection, selectionSet: kept }];
    });
    // Clients add `__typename` everywhere: it is worth an error only where nothing else has told of the closed type.
    if (closed.size === known) for (const path of names) closed.set(path.join('.'), path);
    if (selections.length === 0) return undefined;
    return selections.length === set.selections.length && selections.every((one, at) => one === set.selections[at])
      ? set
      : { ...set, selections };
  };

  const root = schema.getRootType(operation.operation);
  if (root == null) throw new Error(`the supergraph has no ${operation.operation}`);
  const selectionSet = pruneSet(operation.selectionSet, { parent: root, path: [] });
  return {
    operation: selectionSet === undefined ? null : withUsedVariables({ ...operation, selectionSet }),
    errors: [...closed.values()].map(
      (path) =>
        new GraphQLError('You may not read this field, or the type of its value.', {
          path,
          extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
        }),
    ),
  };
}

function withUsedVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const { variableDefinitions } = operation;
  if (variableDefinitions === undefined || variableDefinitions.length === 0) return operation;
  const used = new Set<string>();
  visit(operation, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  return {
    ...operation,
    variableDefinitions: variableDefinitions.filter(({ variable }) => used.has(variable.name.value)),
  };
}
