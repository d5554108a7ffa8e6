import { Kind, parse, print } from 'graphql';
import type { FieldNode, SelectionNode, SelectionSetNode } from 'graphql';
import { fieldOf, namedType } from './supergraph-document.js';
import type { FieldsNode } from './supergraph-document.js';

/** Called for every field of a field set, at every depth; what it returns stands in its place. */
export type FieldVisitor = (field: FieldNode, parent: string) => FieldNode;

/**
 * Walks a field set as `@join__type(key:)`, `@join__field(requires:, provides:)` and `contextArguments` write it
 * (https://specs.apollo.dev/join/v0.5/#join__FieldSet), with or without the outer braces. Returns it as text again, braced as it was.
 */
export function mapFieldSet(
  text: string,
  {
    parents,
    types,
    visit,
  }: {
    /** Types on which the set may be selected: of a context there can be several. */
    readonly parents: readonly string[];
    readonly types: ReadonlyMap<string, FieldsNode>;
    readonly visit: FieldVisitor;
  },
): string {
  const isBraced = text.trimStart().startsWith('{');
  const definition = parse(isBraced ? text : `{${text}}`, { noLocation: true }).definitions[0];
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a field set: ${text}`);
  const mapped = mapSelections(definition.selectionSet, parents, { types, visit });
  return isBraced ? print(mapped) : mapped.selections.map(print).join(' ');
}

interface Walk {
  readonly types: ReadonlyMap<string, FieldsNode>;
  readonly visit: FieldVisitor;
}

function mapSelections(selectionSet: SelectionSetNode, parents: readonly string[], walk: Walk): SelectionSetNode {
  return {
    ...selectionSet,
    selections: selectionSet.selections.map((selection) => mapSelection(selection, parents, walk)),
  };
}

function mapSelection(selection: SelectionNode, parents: readonly string[], walk: Walk): SelectionNode {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const inner = selection.typeCondition === undefined ? parents : [selection.typeCondition.name.value];
    return { ...selection, selectionSet: mapSelections(selection.selectionSet, inner, walk) };
  }
  const inner = parents.flatMap((parent) => {
    const field = fieldOf(walk.types.get(parent), selection.name.value);
    return field === undefined ? [] : [namedType(field.type)];
  });
  let mapped: FieldNode = selection;
  for (const parent of parents) mapped = walk.visit(selection, parent);
  return mapped.selectionSet === undefined
    ? mapped
    : { ...mapped, selectionSet: mapSelections(mapped.selectionSet, inner, walk) };
}
