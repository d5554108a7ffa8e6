import { buildASTSchema, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { startPlannerPool } from './planner-pool.js';
import type { PlannerPoolOptions } from './planner-pool.js';
import type { SupergraphView } from './planner.js';

/**
 * Loads a supergraph: what clients see, what representations are chosen by, and a planner. All that takes long happens
 * in a thread; here two schemas are built of texts that are known to be valid. Rejects with the reason for what is no
 * supergraph or asks for a feature that cannot be served.
 */
export async function createSupergraphView(
  supergraphSdl: string,
  options: PlannerPoolOptions,
): Promise<SupergraphView> {
  const { facts, planner } = await startPlannerPool(supergraphSdl, options);
  return {
    apiSchema: buildSchema(facts.apiSdl),
    supergraphSchema: buildSchema(facts.supergraphSdl),
    routingUrls: new Map(facts.routingUrls),
    keyFieldNames: new Set(facts.keyFieldNames),
    planner,
  };
}

function buildSchema(sdl: string): GraphQLSchema {
  return buildASTSchema(parse(sdl, { noLocation: true }), { assumeValidSDL: true, assumeValid: true });
}
