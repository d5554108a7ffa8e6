import { getDirectiveValues, GraphQLIncludeDirective, GraphQLSkipDirective, Kind, visit } from 'graphql';
import type {
  DefinitionNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { PreparedOperation } from './prepared-operation.js';

/**
 * The operation with `@skip` and `@include` at its root decided and its root fragments opened: the planner throws on a
 * subscription whose one field stands under a condition. Null when nothing is left to subscribe to.
 */
export function resolveRootConditions({
  operation,
  document,
  variables,
}: Pick<PreparedOperation, 'operation' | 'document' | 'variables'>): Pick<
  PreparedOperation,
  'operation' | 'document'
> | null {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const selections = openRoot(operation.selectionSet, { fragments, variables });
  if (selections.length === 0) return null;
  return used({ ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } }, fragments);
}

interface Scope {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The root type is an object type, so every fragment on it applies. */
function openRoot(selectionSet: SelectionSetNode, scope: Scope): FieldNode[] {
  return selectionSet.selections.flatMap((selection) => {
    if (getDirectiveValues(GraphQLSkipDirective, selection, scope.variables)?.['if'] === true) return [];
    if (getDirectiveValues(GraphQLIncludeDirective, selection, scope.variables)?.['if'] === false) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return openRoot(selection.selectionSet, scope);
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = scope.fragments.get(selection.name.value);
      return fragment === undefined ? [] : openRoot(fragment.selectionSet, scope);
    }
    return [
      {
        ...selection,
        directives: selection.directives?.filter((directive) => !isCondition(directive.name.value)) ?? [],
      },
    ];
  });
}

function isCondition(directive: string): boolean {
  return directive === GraphQLSkipDirective.name || directive === GraphQLIncludeDirective.name;
}

/** The operation with the fragments and variables that it still uses: others would count as different subscriptions. */
function used(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): { readonly operation: OperationDefinitionNode; readonly document: DocumentNode } {
  const definitions = new Map<string, DefinitionNode>();
  const variables = new Set<string>();
  const collect = (node: DefinitionNode): void => {
    visit(node, {
      VariableDefinition: () => false,
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || definitions.has(name.value)) return;
        definitions.set(name.value, fragment);
        collect(fragment);
      },
    });
  };
  collect(operation);
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    variables.has(variable.name.value),
  );
  const kept = { ...operation, variableDefinitions };
  return { operation: kept, document: { kind: Kind.DOCUMENT, definitions: [kept, ...definitions.values()] } };
}
