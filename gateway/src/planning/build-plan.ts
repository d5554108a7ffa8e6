import { operationFromDocument } from '@apollo/federation-internals';
import type { Operation, Schema, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { QueryPlan } from '@apollo/query-planner';
import { Kind } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { explodeOperation, withoutConditions } from './explode-operation.js';
import { PlanningError } from './planning-error.js';

/** Throws {@link PlanningError} for what defeats the planner, and a GraphQLError for what is invalid. */
export type BuildPlan = (operation: OperationDefinitionNode, overrides: readonly string[]) => QueryPlan;

export function createPlanBuilder(supergraph: Supergraph, apiSchema: Schema): BuildPlan {
  // Fragments are opened before planning, so that there is nothing to use again.
  const planner = new QueryPlanner(supergraph, { reuseQueryFragments: false });
  const read = (operation: OperationDefinitionNode): Operation =>
    operationFromDocument(apiSchema, { kind: Kind.DOCUMENT, definitions: [operation] });
  return (operation, overrides) => {
    const valid = read(operation);
    const options = { overrideConditions: new Map(overrides.map((label) => [label, true])) };
    try {
      return planner.buildQueryPlan(valid, options);
    } catch (error) {
      const exploded = explodeOperation(operation, apiSchema.toGraphQLJSSchema());
      if (exploded === undefined) throw defeated(error);
      try {
        // A field of the interface itself that no subgraph has for every type stays a dead end, whatever else is asked.
        planner.buildQueryPlan(read(withoutConditions(operation)), options);
        return planner.buildQueryPlan(read(exploded), options);
      } catch {
        // What the planner said of the operation as it was sent is easier to follow.
        throw defeated(error);
      }
    }
  };
}

function defeated(error: unknown): PlanningError {
  const reason = error instanceof Error ? error.message : String(error);
  return new PlanningError('unanswerable', `the operation cannot be planned: ${reason}`);
}

export function onlyOperation(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new PlanningError('invalid', 'the document has no operation');
  return operation;
}
