import { getNamedType, getNullableType, isCompositeType, isListType, Kind } from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';

/**
 * What a list without `first` and `last` is taken for. The lists of a graph that have no pages are short by nature
 * (roles of a user, attempts, errors of a mutation: 0 to 30); ten is the size of a usual one.
 */
export const UNPAGED_LIST_SIZE = 10;
/** What a page is taken for whose size is not known: the largest that page arguments usually allow. */
export const UNKNOWN_PAGE_SIZE = 100;

/** What wraps the items of a page: the field around it was told how many there are. */
const PAGE_FIELDS = new Set(['nodes', 'edges']);
const SIZE_ARGUMENTS = ['first', 'last'];
/** Above it numbers lose their units; also keeps zero times infinity, which is no number, away. */
const CEILING = Number.MAX_SAFE_INTEGER;

export interface CostScope {
  readonly schema: GraphQLSchema;
  readonly fragmentOf: (name: string) => FragmentDefinitionNode | undefined;
  /** Coerced, with defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Cost of a selection set: `fixed`, and `perItem` once for each item of the page that it stands in. */
interface Cost {
  readonly fixed: number;
  readonly perItem: number;
}

const NOTHING: Cost = { fixed: 0, perItem: 0 };

/**
 * How many fields an operation may have in its answer. A field costs 1 and the number of its items times what is
 * selected of each; `nodes` and `edges` take their number from the field around them. Conditions count as met, and a
 * fragment is measured once, so that a bomb of fragments costs its length. Introspection costs 1: graphql-js bounds it.
 */
export function measureCost(operation: OperationDefinitionNode, scope: CostScope): number {
  const root = scope.schema.getRootType(operation.operation);
  if (root === null || root === undefined) return 0;
  const measured = new Map<string, Cost>();

  const measureFragment = (name: string): Cost => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // Where a cycle closes, which validation refuses, it is empty.
    measured.set(name, NOTHING);
    const fragment = scope.fragmentOf(name);
    const type = fragment && scope.schema.getType(fragment.typeCondition.name.value);
    const cost = fragment && isCompositeType(type) ? measure(fragment.selectionSet, type) : NOTHING;
    measured.set(name, cost);
    return cost;
  };

  const measure = ({ selections }: SelectionSetNode, parent: GraphQLCompositeType): Cost => {
    let fixed = 0;
    let perItem = 0;
    for (const selection of selections) {
      const cost =
        selection.kind === Kind.FIELD
          ? measureField(selection, parent)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(selection.name.value)
            : measure(selection.selectionSet, conditionOf(selection.typeCondition?.name.value, parent));
      fixed = bounded(fixed + cost.fixed);
      perItem = bounded(perItem + cost.perItem);
    }
    return { fixed, perItem };
  };

  const conditionOf = (name: string | undefined, parent: GraphQLCompositeType): GraphQLCompositeType => {
    const type = name === undefined ? parent : scope.schema.getType(name);
    return isCompositeType(type) ? type : parent;
  };

  const measureField = (node: FieldNode, parent: GraphQLCompositeType): Cost => {
    const field = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
    const type = field && getNamedType(field.type);
    if (field === undefined || !isCompositeType(type) || node.selectionSet === undefined)
      return { fixed: 1, perItem: 0 };
    const inner = measure(node.selectionSet, type);
    const asked = pageSize(node, { field, variables: scope.variables });
    const each = bounded(inner.fixed + bounded((asked ?? UNPAGED_LIST_SIZE) * inner.perItem));
    const lists = listDepth(field.type);
    if (lists === 0) return { fixed: bounded(1 + each), perItem: 0 };
    const below = bounded(UNPAGED_LIST_SIZE ** (lists - 1) * each);
    if (asked === undefined && PAGE_FIELDS.has(field.name)) return { fixed: 1, perItem: below };
    return { fixed: bounded(1 + bounded((asked ?? UNPAGED_LIST_SIZE) * below)), perItem: 0 };
  };

  return measure(operation.selectionSet, root).fixed;
}

/** The larger of `first` and `last`; undefined when the field has neither. */
function pageSize(
  node: FieldNode,
  {
    field,
    variables,
  }: { readonly field: GraphQLField<unknown, unknown>; readonly variables: Readonly<Record<string, unknown>> },
): number | undefined {
  const sizes = field.args
    .filter(({ name }) => SIZE_ARGUMENTS.includes(name))
    .map(({ name, defaultValue }) => {
      const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
      if (value?.kind === Kind.INT) return Number(value.value);
      if (value?.kind !== Kind.VARIABLE) return value === undefined ? defaultValue : null;
      const known = variables[value.name.value];
      return known === undefined ? defaultValue : known;
    });
  if (sizes.length === 0) return undefined;
  const given = sizes.filter((size): size is number => typeof size === 'number' && size >= 0);
  // A page of neither, or of a nonsensical number, is as large as the subgraph likes.
  return given.length === 0 ? UNKNOWN_PAGE_SIZE : Math.max(...given);
}

function listDepth(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listDepth(nullable.ofType) : 0;
}

function bounded(cost: number): number {
  return Math.min(cost, CEILING);
}
