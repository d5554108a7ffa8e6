import { GraphQLIncludeDirective, GraphQLSkipDirective, Kind } from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';

/** What `@skip` and `@include` look at. */
export type Conditions = Readonly<Record<string, unknown>>;

/** Names of the variables that conditions of the operation depend on; sorted. */
export function conditionVariables(document: DocumentNode, operation: OperationDefinitionNode): readonly string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  const fragments = fragmentsOf(document);
  const look = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      for (const directive of selection.directives ?? []) {
        const value = isCondition(directive) ? directive.arguments?.[0]?.value : undefined;
        if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
      }
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet !== undefined) look(selection.selectionSet);
        continue;
      }
      const fragment = fragments.get(selection.name.value);
      if (fragment === undefined || seen.has(selection.name.value)) continue;
      seen.add(selection.name.value);
      look(fragment.selectionSet);
    }
  };
  look(operation.selectionSet);
  return [...names].toSorted();
}

/**
 * The operation by itself: fragments inlined, `@skip` and `@include` decided. What is left out here is neither planned
 * nor projected, so that a plan has no conditions. The size of the result is bounded by the limit on selections.
 * A selection set that loses everything stays, empty.
 */
export function inlineOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  conditions: Conditions,
): OperationDefinitionNode {
  const fragments = fragmentsOf(document);
  const inlineSet = ({ selections }: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.flatMap(inline),
  });
  const inline = (selection: SelectionNode): SelectionNode[] => {
    if (!isWanted(selection, conditions)) return [];
    if (selection.kind === Kind.FIELD) return [inlineField(selection)];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment === undefined) return [];
    const selectionSet = inlineSet(fragment.selectionSet);
    if (selectionSet.selections.length === 0) return [];
    const { typeCondition } = fragment;
    return [{ kind: Kind.INLINE_FRAGMENT, ...(typeCondition === undefined ? {} : { typeCondition }), selectionSet }];
  };
  const inlineField = (field: FieldNode): FieldNode => ({
    ...field,
    directives: [],
    ...(field.selectionSet === undefined ? {} : { selectionSet: inlineSet(field.selectionSet) }),
  });
  return { ...operation, directives: [], selectionSet: inlineSet(operation.selectionSet) };
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === GraphQLSkipDirective.name || name.value === GraphQLIncludeDirective.name;
}

function isWanted({ directives }: SelectionNode, conditions: Conditions): boolean {
  for (const directive of directives ?? []) {
    if (!isCondition(directive)) continue;
    const value = directive.arguments?.[0]?.value;
    const isMet =
      value?.kind === Kind.VARIABLE
        ? conditions[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    if (isMet === (directive.name.value === GraphQLSkipDirective.name)) return false;
  }
  return true;
}
