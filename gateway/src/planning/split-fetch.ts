import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, parse, visit } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  InlineFragmentNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { printCompact } from './restore-twins.js';
import type { Twin } from './twins.js';

export interface TwinUses {
  readonly twins: Readonly<Record<string, Twin>>;
  /** The twins that a subgraph requires for a field. */
  required(use: { readonly subgraph: string; readonly type: string; readonly field: string }): ReadonlySet<string>;
}

/**
 * A representation holds one value of a field. A fetch that requires the same field with different arguments becomes as
 * many fetches as there are values, each asking only for what its values are good for.
 */
export function splitFetch(fetch: FetchNode, uses: TwinUses): readonly FetchNode[] {
  const required = [...twinsIn(fetch.requires ?? [], uses)];
  const areTwins = (one: string, other: string): boolean =>
    one !== other && uses.twins[one]?.field === uses.twins[other]?.field;
  const clash = (twins: Iterable<string>, others: Iterable<string>): boolean =>
    [...twins].some((twin) => [...others].some((other) => areTwins(twin, other)));
  if (!clash(required, required)) return [fetch];

  const outputs = outputsOf(fetch, uses);
  const parts: Part[] = [];
  for (const output of outputs) {
    if (clash(output.twins, output.twins))
      throw new Error(`${output.field.name.value} requires the same field with different arguments`);
    const fitting = parts.find((part) => !clash(part.twins, output.twins));
    const part = fitting ?? { twins: new Set<string>(), outputs: [] };
    if (fitting === undefined) parts.push(part);
    part.outputs.push(output);
    for (const twin of output.twins) part.twins.add(twin);
  }
  const wanted = new Set(outputs.flatMap(({ twins }) => [...twins]));
  // What nothing in the fetch is known to need is given to whoever can carry it.
  for (const twin of required.filter((name) => !wanted.has(name)))
    for (const part of parts) if (!clash(part.twins, [twin])) part.twins.add(twin);
  return parts.map((part) => fetchOf(fetch, part, uses));
}

/** One output field of `_entities`, with the fragments around it. */
interface Output {
  readonly field: FieldNode;
  readonly fragments: readonly InlineFragmentNode[];
  readonly twins: ReadonlySet<string>;
}

interface Part {
  readonly twins: Set<string>;
  readonly outputs: Output[];
}

function* twinsIn(selections: readonly QueryPlanSelectionNode[], uses: TwinUses): Generator<string> {
  for (const selection of selections) {
    if (selection.kind === 'Field' && uses.twins[selection.name] !== undefined) yield selection.name;
    yield* twinsIn(selection.selections ?? [], uses);
  }
}

function outputsOf(fetch: FetchNode, uses: TwinUses): Output[] {
  const outputs: Output[] = [];
  const collect = (selections: readonly SelectionNode[], fragments: readonly InlineFragmentNode[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        collect(selection.selectionSet.selections, [...fragments, selection]);
      if (selection.kind !== Kind.FIELD) continue;
      const type = fragments.findLast(({ typeCondition }) => typeCondition !== undefined)?.typeCondition?.name.value;
      const use = { subgraph: fetch.serviceName, type: type ?? '', field: selection.name.value };
      outputs.push({ field: selection, fragments, twins: uses.required(use) });
    }
  };
  collect(entitiesOf(operationOf(parse(fetch.operation, { noLocation: true }))).selectionSet?.selections ?? [], []);
  return outputs;
}

function fetchOf(fetch: FetchNode, part: Part, uses: TwinUses): FetchNode {
  const document = parse(fetch.operation, { noLocation: true });
  const operation = operationOf(document);
  const entities = { ...entitiesOf(operation), selectionSet: selectionSetOf(wrapped(part.outputs)) };
  const used = variablesIn(selectionSetOf([entities]));
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  const narrowed: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, variableDefinitions, selectionSet: selectionSetOf([entities]) }],
  };
  return {
    ...fetch,
    requires: withoutTwins(fetch.requires ?? [], { kept: part.twins, uses }),
    operation: printCompact(narrowed),
    variableUsages: (fetch.variableUsages ?? []).filter((name) => used.has(name)),
  };
}

function withoutTwins(
  selections: readonly QueryPlanSelectionNode[],
  { kept, uses }: { readonly kept: ReadonlySet<string>; readonly uses: TwinUses },
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === 'Field' && uses.twins[selection.name] !== undefined && !kept.has(selection.name)) return [];
    if (selection.selections === undefined) return [selection];
    const inner = withoutTwins(selection.selections, { kept, uses });
    return inner.length === 0 ? [] : [{ ...selection, selections: inner }];
  });
}

/** Outputs that stand in the same fragments, next to each other, stay together. */
function wrapped(outputs: readonly Output[]): SelectionNode[] {
  const groups: Output[][] = [];
  for (const output of outputs) {
    const last = groups.at(-1);
    if (last?.[0]?.fragments.at(-1) === output.fragments.at(-1)) last?.push(output);
    else groups.push([output]);
  }
  return groups.flatMap((group): SelectionNode[] =>
    (group[0]?.fragments ?? []).reduceRight<SelectionNode[]>(
      (inner, fragment) => [{ ...fragment, selectionSet: selectionSetOf(inner) }],
      group.map(({ field }) => field),
    ),
  );
}

function selectionSetOf(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

function variablesIn(selectionSet: SelectionSetNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void names.add(name.value) });
  return names;
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a fetch must be one operation');
  return operation;
}

function entitiesOf(operation: OperationDefinitionNode): FieldNode {
  const [entities] = operation.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD) throw new Error('a fetch of entities must select `_entities`');
  return entities;
}
