import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import { parse, printSchema } from 'graphql';
import { createPlanBuilder, onlyOperation } from './build-plan.js';
import { mapFetches } from './map-plan.js';
import { createCoverageCheck } from './plan-coverage.js';
import type { PlannedOperation } from './planner.js';
import type { PlanRequest, SupergraphFacts } from './planner-messages.js';
import { PlanningError } from './planning-error.js';
import { createPlanRepair } from './repair-plan.js';
import { requirementsOf } from './requirements.js';
import { createMemberRestorer } from './restore-members.js';
import { restoreTwins } from './restore-twins.js';
import { rewriteSupergraph, useKey } from './rewrite-supergraph.js';
import type { RewrittenSupergraph } from './rewrite-supergraph.js';
import { splitFetch } from './split-fetch.js';
import type { TwinUses } from './split-fetch.js';

/** A supergraph loaded for planning. Lives in a thread of its own: both loading and planning keep a processor busy. */
export interface SupergraphPlanner {
  readonly facts: SupergraphFacts;
  /** Throws {@link PlanningError} for what cannot be planned. */
  plan(request: PlanRequest): PlannedOperation;
}

/** Connectors are calls to REST, which is nothing that this gateway does. */
const SUPPORTED_FEATURES = new Set(
  [...ROUTER_SUPPORTED_SUPERGRAPH_FEATURES].filter((url) => !url.startsWith('https://specs.apollo.dev/connect/')),
);

/** Throws for what is no supergraph, or asks for a feature that cannot be served. */
export function loadSupergraphPlanner(sdl: string): SupergraphPlanner {
  const rewritten = rewriteSupergraph(sdl);
  // Subgraphs were validated where they were composed; the whole is validated when the API schema is made of it.
  const supergraph = Supergraph.build(rewritten.sdl, {
    supportedFeatures: SUPPORTED_FEATURES,
    validateSupergraph: false,
  });
  const apiSchema = supergraph.apiSchema();
  const buildPlan = createPlanBuilder(supergraph, apiSchema);
  const findUncovered = createCoverageCheck(supergraph, apiSchema);
  const restoreMembers = createMemberRestorer(supergraph, apiSchema);
  const repair = createPlanRepair(supergraph, requirementsOf(parse(rewritten.sdl, { noLocation: true })));
  const uses = usesOf(rewritten);
  return {
    facts: {
      apiSdl: printSchema(apiSchema.toGraphQLJSSchema()),
      supergraphSdl: rewritten.sdl,
      routingUrls: supergraph.subgraphsMetadata().map(({ name, url }) => [name, url]),
      keyFieldNames: rewritten.keyFieldNames,
      overrideLabels: rewritten.overrideLabels,
    },
    plan: ({ text, overrides }) => {
      const operation = onlyOperation(parse(text, { noLocation: true }));
      const { node } = buildPlan(operation, overrides);
      const uncovered = findUncovered(operation, node);
      if (uncovered !== undefined) {
        const { coordinate, path } = uncovered;
        throw new PlanningError('unanswerable', `no subgraph can answer ${coordinate} at ${path.join('.')}`);
      }
      if (node === undefined) return { node, twins: uses.twins };
      return { node: withoutTwins(restoreMembers(operation, repair(node)), uses), twins: uses.twins };
    },
  };
}

function usesOf({ twins, twinUses }: RewrittenSupergraph): TwinUses {
  const none: ReadonlySet<string> = new Set();
  return {
    twins,
    required: ({ subgraph, type, field }) => twinUses.get(useKey(subgraph, type, field)) ?? none,
  };
}

function withoutTwins(node: PlanNode | SubscriptionNode, uses: TwinUses): PlanNode | SubscriptionNode {
  if (Object.keys(uses.twins).length === 0) return node;
  return mapFetches(node, (fetch) => splitFetch(fetch, uses).map((part) => restoreTwins(part, uses.twins)));
}
