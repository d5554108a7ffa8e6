import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { DocumentNode, FieldNode, OperationDefinitionNode, SelectionNode, VariableDefinitionNode } from 'graphql';

/** The variable of a fetch that takes what identifies its entities. */
export const REPRESENTATIONS = 'representations';

/** A fetch of entities on its way into a common operation. */
export interface JoinedFetch {
  readonly operation: string;
  /** The alias that its `_entities` gets. */
  readonly responseKey: string;
  /** The name that a variable gets: variables that differ must not share one. */
  readonly nameVariable: (name: string) => string;
}

/** One operation that asks for the entities of several fetches, each under an alias. */
export function joinOperations(fetches: readonly JoinedFetch[]): string {
  const definitions = new Map<string, VariableDefinitionNode>();
  const selections: SelectionNode[] = [];
  for (const { operation: text, responseKey, nameVariable } of fetches) {
    const document = visit(parse(text, { noLocation: true }), {
      Variable: (node) => ({ ...node, name: { ...node.name, value: nameVariable(node.name.value) } }),
    });
    const operation = operationOf(document);
    for (const definition of operation.variableDefinitions ?? []) {
      definitions.set(definition.variable.name.value, definition);
    }
    // The planner is told to make no fragments; should it learn to, their names would have to be told apart.
    if (document.definitions.length > 1) throw new Error('a fetch of the plan has fragments of its own');
    for (const selection of operation.selectionSet.selections) {
      if (selection.kind !== Kind.FIELD) throw new Error('a fetch of entities asks for something else');
      selections.push(aliased(selection, responseKey));
    }
  }
  const operation: OperationDefinitionNode = {
    ...operationOf(parse(fetches[0]?.operation ?? '', { noLocation: true })),
    variableDefinitions: [...definitions.values()],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions: [operation] }));
}

function aliased(field: FieldNode, value: string): FieldNode {
  return { ...field, alias: { kind: Kind.NAME, value } };
}

function operationOf({ definitions }: DocumentNode): OperationDefinitionNode {
  const found = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (found === undefined) throw new Error('a fetch of the plan has no operation');
  return found;
}
