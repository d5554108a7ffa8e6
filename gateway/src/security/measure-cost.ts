import { getNamedType, getNullableType, isCompositeType, isListType, Kind, OperationTypeNode } from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLError,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { costDirectivesOf } from './cost-directives.js';
import type { ListSize } from './cost-directives.js';
import { measureArguments } from './measure-arguments.js';
import { pageSize } from './page-size.js';
import { conditionIn } from './selected-types.js';

/**
 * What a list without a size is taken for. The lists of a graph that have no pages are short by nature (roles of a
 * user, attempts, errors of a mutation: 0 to 30); ten is the size of a usual one.
 */
export const UNPAGED_LIST_SIZE = 10;

/** What wraps the items of a page where `@listSize` does not say: the field around it was told how many there are. */
const PAGE_FIELDS = new Set(['nodes', 'edges']);
/** A write is dearer than what it returns: https://ibm.github.io/graphql-specs/cost-spec.html, as Apollo applies it. */
const MUTATION_COST = 10;
/** Above it numbers lose their units; also keeps zero times infinity, which is no number, away. */
const CEILING = Number.MAX_SAFE_INTEGER;

export interface CostScope {
  /** The supergraph's, with its directives; the one for clients has none, and its pages are told by their names. */
  readonly schema: GraphQLSchema;
  readonly fragmentOf: (name: string) => FragmentDefinitionNode | undefined;
  /** Coerced, with defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What an operation may bring and cost. */
export interface MeasuredCost {
  /** Fields that the answer may have. */
  readonly nodes: number;
  /** By the weights of `@cost`; 0 where the graph has none. */
  readonly cost: number;
  /** No variable was looked at: every run of the operation costs the same. */
  readonly isStatic: boolean;
  /** Fields that lack what `@listSize` requires. */
  readonly errors: readonly GraphQLError[];
}

interface Cost {
  readonly nodes: number;
  readonly cost: number;
}

/** Items of lists whose size the field around them may know. */
interface Items {
  /** One of each. */
  readonly each: Cost;
  /** As many as are assumed when nobody knows better. */
  readonly assumed: Cost;
}

/** Cost of a selection set: what is certain, and by field name what the size of the page around it decides. */
interface SetCost {
  readonly fixed: Cost;
  readonly items: ReadonlyMap<string, Items>;
}

const NOTHING: Cost = { nodes: 0, cost: 0 };
const NO_ITEMS: ReadonlyMap<string, Items> = new Map();
const EMPTY: SetCost = { fixed: NOTHING, items: NO_ITEMS };

/**
 * Measures an operation on its schema. Its `nodes`: a field counts 1 and the number of its items times what is
 * selected of each. Its `cost`: a field costs its weight (of the field, else of its type, else 1 for an object and 0
 * for a leaf) and what is selected, times its items, and the weights of its arguments.
 *
 * Conditions count as met, and a fragment is measured once, so that a bomb of fragments costs its length. Introspection
 * counts 1: graphql-js bounds it.
 */
export function measureCost(operation: OperationDefinitionNode, scope: CostScope): MeasuredCost {
  const { schema, fragmentOf, variables } = scope;
  const directives = costDirectivesOf(schema);
  const errors: GraphQLError[] = [];
  const measured = new Map<string, SetCost>();
  let isStatic = true;

  const readVariable = (name: string): unknown => {
    isStatic = false;
    return variables[name];
  };

  const measureFragment = (name: string): SetCost => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    // Where a cycle closes, which validation refuses, it is empty.
    measured.set(name, EMPTY);
    const fragment = fragmentOf(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    const cost = fragment && isCompositeType(type) ? measure(fragment.selectionSet, type) : EMPTY;
    measured.set(name, cost);
    return cost;
  };

  const measure = ({ selections }: SelectionSetNode, parent: GraphQLCompositeType): SetCost => {
    let fixed = NOTHING;
    let items: Map<string, Items> | undefined;
    for (const selection of selections) {
      const cost =
        selection.kind === Kind.FIELD
          ? measureField(selection, parent)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? measureFragment(selection.name.value)
            : measure(selection.selectionSet, conditionIn(schema, { condition: selection.typeCondition, parent }));
      fixed = plus(fixed, cost.fixed);
      for (const [name, added] of cost.items) {
        items ??= new Map();
        const known = items.get(name);
        items.set(
          name,
          known === undefined
            ? added
            : { each: plus(known.each, added.each), assumed: plus(known.assumed, added.assumed) },
        );
      }
    }
    return { fixed, items: items ?? NO_ITEMS };
  };

  const measureField = (node: FieldNode, parent: GraphQLCompositeType): SetCost => {
    const field = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
    if (field === undefined) return ONE_LEAF;
    const type = getNamedType(field.type);
    const weight = directives.hasWeights ? directives.weightOf(parent, field) : 0;
    const isLeaf = !isCompositeType(type) || node.selectionSet === undefined;
    if (isLeaf && weight === 0 && node.arguments?.length === 0) return ONE_LEAF;
    const inner = isLeaf ? EMPTY : measure(node.selectionSet, type);
    const listSize = directives.listSizeOf(field);
    const asked = sizeOf(node, { field, listSize });
    const each = insideOf(inner, { asked, listSize });
    const weighed: Cost = { nodes: each.nodes, cost: Math.max(0, bounded(each.cost + weight)) };
    const extra: Cost = {
      nodes: 1,
      cost: directives.hasWeights ? measureArguments(node, { field, directives, readVariable }) : 0,
    };
    const lists = listDepth(field.type);
    if (lists === 0) return { fixed: plus(extra, weighed), items: NO_ITEMS };
    const item = times(UNPAGED_LIST_SIZE ** (lists - 1), weighed);
    const isTold = listSize?.sizedFields.length === 0 || listSize === undefined;
    const own = isTold ? asked : undefined;
    // A size given around it goes before an own one, which only `@listSize` can tell of beside it.
    if (directives.sizedFields.has(field.name) || (own === undefined && PAGE_FIELDS.has(field.name))) {
      return {
        fixed: extra,
        items: new Map([[field.name, { each: item, assumed: times(own ?? UNPAGED_LIST_SIZE, item) }]]),
      };
    }
    return { fixed: plus(extra, times(own ?? UNPAGED_LIST_SIZE, item)), items: NO_ITEMS };
  };

  const sizeOf = (
    node: FieldNode,
    { field, listSize }: Pick<Parameters<typeof pageSize>[1], 'field' | 'listSize'>,
  ): number | undefined => {
    const size = pageSize(node, { field, listSize, readVariable });
    if (typeof size === 'number' || size === undefined) return size;
    errors.push(size);
    return undefined;
  };

  const root = schema.getRootType(operation.operation);
  const total = root == null ? EMPTY : measure(operation.selectionSet, root);
  const { nodes, cost } = insideOf(total, { asked: undefined, listSize: undefined });
  const base = directives.hasWeights && operation.operation === OperationTypeNode.MUTATION ? MUTATION_COST : 0;
  return { nodes, cost: bounded(base + cost), isStatic, errors };
}

const ONE_LEAF: SetCost = { fixed: { nodes: 1, cost: 0 }, items: NO_ITEMS };

/** Whether the costs of an operation are the same whatever its variables are. */
export function isCostStatic(operation: OperationDefinitionNode, scope: Omit<CostScope, 'variables'>): boolean {
  return measureCost(operation, { ...scope, variables: {} }).isStatic;
}

/** What is selected of one object, now that the size of its pages is known, or is not going to be. */
function insideOf(
  { fixed, items }: SetCost,
  { asked, listSize }: { readonly asked: number | undefined; readonly listSize: ListSize | undefined },
): Cost {
  let total = fixed;
  for (const [name, { each, assumed }] of items) {
    const isSized =
      listSize === undefined || listSize.sizedFields.length === 0
        ? PAGE_FIELDS.has(name)
        : listSize.sizedFields.includes(name);
    total = plus(total, isSized && asked !== undefined ? times(asked, each) : assumed);
  }
  return total;
}

function plus(a: Cost, b: Cost): Cost {
  return { nodes: bounded(a.nodes + b.nodes), cost: bounded(a.cost + b.cost) };
}

function times(count: number, cost: Cost): Cost {
  return { nodes: bounded(count * cost.nodes), cost: bounded(count * cost.cost) };
}

function listDepth(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listDepth(nullable.ofType) : 0;
}

function bounded(cost: number): number {
  return Math.min(cost, CEILING);
}
