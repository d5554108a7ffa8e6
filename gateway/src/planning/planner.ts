import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/**
 * Plans operations on one supergraph. Everything licensed under Elastic-2.0 that the subscriptions need stands behind
 * this interface, so that another planner can take its place.
 */
export interface Planner {
  /** Throws for what the gateway cannot execute; the document is valid and has its operation's root conditions resolved. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan;
  /** Every type of every subgraph, inaccessible ones included: representations are chosen by it. */
  readonly supergraphSchema: GraphQLSchema;
  /** Routing URL by subgraph name. */
  readonly routingUrls: ReadonlyMap<string, string>;
}

/** Builds the planner when it is first used: a gateway that serves no subscription never pays for it. */
export function createPlanner(supergraphSdl: string): Planner {
  let built: ReturnType<typeof build> | undefined;
  const get = (): ReturnType<typeof build> => (built ??= build(supergraphSdl));
  return {
    plan: (document, operationName) => {
      const { apiSchema, planner } = get();
      const operation = operationFromDocument(
        apiSchema,
        document,
        operationName === undefined ? {} : { operationName },
      );
      const plan = planner.buildQueryPlan(operation);
      if (plan.node !== undefined) requireSupported(plan.node);
      return plan;
    },
    get supergraphSchema() {
      return get().supergraphSchema;
    },
    get routingUrls() {
      return get().routingUrls;
    },
  };
}

function build(supergraphSdl: string) {
  // It was validated where it was composed, or by @apollo/gateway a moment ago.
  const supergraph = Supergraph.build(supergraphSdl, { validateSupergraph: false });
  return {
    apiSchema: supergraph.apiSchema(),
    planner: new QueryPlanner(supergraph, { reuseQueryFragments: false }),
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
    routingUrls: new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url])),
  };
}

/** A plan that would be executed wrongly is worse than none. */
function requireSupported(node: PlanNode | SubscriptionNode): void {
  switch (node.kind) {
    case 'Subscription':
      requireSupported(node.primary);
      if (node.rest !== undefined) requireSupported(node.rest);
      return;
    case 'Sequence':
    case 'Parallel':
      node.nodes.forEach(requireSupported);
      return;
    case 'Flatten':
      return requireSupported(node.node);
    case 'Condition':
      if (node.ifClause !== undefined) requireSupported(node.ifClause);
      if (node.elseClause !== undefined) requireSupported(node.elseClause);
      return;
    case 'Fetch':
      if (node.contextRewrites !== undefined) throw new Error('@fromContext is not supported in a subscription');
      return;
    case 'Defer':
      throw new Error('@defer is not supported in a subscription');
  }
}
