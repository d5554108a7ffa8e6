import type { FetchNode, PlanNode, ResponsePath, SubscriptionNode } from '@apollo/query-planner';

/** A fetch of a plan and where its data goes. */
export interface Step {
  readonly fetch: FetchNode;
  readonly path: ResponsePath;
  /** Fetches that have been made by then, as the planner ordered them. */
  readonly after: ReadonlySet<Step>;
}

/** The fetches of a plan in an order in which they could be made one by one. */
export function stepsOf(node: PlanNode | SubscriptionNode): Step[] {
  if (node.kind !== 'Subscription') return collect(node, { path: [], after: [] });
  const primary: Step = { fetch: node.primary, path: [], after: new Set() };
  return [primary, ...(node.rest === undefined ? [] : collect(node.rest, { path: [], after: [primary] }))];
}

function collect(node: PlanNode, at: { readonly path: ResponsePath; readonly after: readonly Step[] }): Step[] {
  switch (node.kind) {
    case 'Fetch':
      return [{ fetch: node, path: at.path, after: new Set(at.after) }];
    case 'Flatten':
      return collect(node.node, { ...at, path: [...at.path, ...node.path] });
    case 'Parallel':
      return node.nodes.flatMap((child) => collect(child, at));
    case 'Sequence': {
      const steps: Step[] = [];
      for (const child of node.nodes) steps.push(...collect(child, { ...at, after: [...at.after, ...steps] }));
      return steps;
    }
    case 'Condition':
    case 'Defer':
      throw new Error(`a plan with a ${node.kind} node cannot be put in another order`);
  }
}

/** A plan that makes each step as soon as those that it needs are made. Throws when some need each other. */
export function planOf(
  steps: readonly Step[],
  { kind, needs }: { readonly kind: 'Subscription' | 'Sequence'; needs(step: Step): ReadonlySet<Step> },
): PlanNode | SubscriptionNode {
  const layers: Step[][] = [];
  const made = new Set<Step>();
  while (made.size < steps.length) {
    const ready = steps.filter((step) => !made.has(step) && [...needs(step)].every((needed) => made.has(needed)));
    if (ready.length === 0) throw new Error('fetches of the plan need each other');
    for (const step of ready) made.add(step);
    layers.push(ready);
  }
  const [first, ...others] = layers;
  if (kind === 'Sequence' || first === undefined) return sequence(layers);
  const [primary] = first;
  if (primary === undefined || first.length > 1) throw new Error('a subscription starts with one fetch');
  return { kind: 'Subscription', primary: primary.fetch, ...(others.length === 0 ? {} : { rest: sequence(others) }) };
}

function sequence(layers: readonly (readonly Step[])[]): PlanNode {
  return { kind: 'Sequence', nodes: layers.map(parallel) };
}

function parallel(steps: readonly Step[]): PlanNode {
  const nodes = steps.map(({ fetch, path }): PlanNode =>
    path.length === 0 ? fetch : { kind: 'Flatten', path, node: fetch },
  );
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind: 'Parallel', nodes };
}
