import type { FetchNode, PlanNode, ResponsePath, SubscriptionNode } from '@apollo/query-planner';

/** What becomes of a fetch whose entities stand at the path. */
type MapFetch = (fetch: FetchNode, path: ResponsePath) => readonly FetchNode[];

/** The plan with every fetch replaced by the fetches that are made of it, which may run at the same time. */
export function mapFetches(node: PlanNode | SubscriptionNode, map: MapFetch): PlanNode | SubscriptionNode {
  if (node.kind !== 'Subscription') return mapNode(node, map, []);
  const [primary, ...others] = map(node.primary, []);
  if (primary === undefined || others.length > 0) throw new Error('a stream is one fetch');
  return { ...node, primary, ...(node.rest === undefined ? {} : { rest: mapNode(node.rest, map, []) }) };
}

function mapNode(node: PlanNode, map: MapFetch, path: ResponsePath): PlanNode {
  const child = (inner: PlanNode): PlanNode => mapNode(inner, map, path);
  switch (node.kind) {
    case 'Fetch':
      return atOnce(map(node, path));
    case 'Flatten': {
      const inner = mapNode(node.node, map, [...path, ...node.path]);
      return inner.kind === 'Parallel'
        ? atOnce(inner.nodes.map((part) => flatten(node.path, part)))
        : flatten(node.path, inner);
    }
    case 'Sequence':
      return { ...node, nodes: node.nodes.map(child) };
    case 'Parallel':
      return {
        ...node,
        nodes: node.nodes.map(child).flatMap((part) => (part.kind === 'Parallel' ? part.nodes : part)),
      };
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause === undefined ? {} : { ifClause: child(node.ifClause) }),
        ...(node.elseClause === undefined ? {} : { elseClause: child(node.elseClause) }),
      };
    case 'Defer':
      throw new Error('@defer is not supported');
  }
}

function flatten(path: ResponsePath, node: PlanNode): PlanNode {
  return { kind: 'Flatten', path, node };
}

function atOnce(nodes: readonly PlanNode[]): PlanNode {
  const [only, ...others] = nodes;
  if (only === undefined) throw new Error('a fetch was replaced by nothing');
  return others.length === 0 ? only : { kind: 'Parallel', nodes: [...nodes] };
}
