import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import { isData } from '../execution/data.js';
import { project, unexplained } from '../execution/project.js';
import { applyRewrites } from '../execution/rewrites.js';
import { runPlan } from '../execution/run-plan.js';
import type { SubgraphAnswer, SubgraphClient } from '../execution/subgraph-client.js';
import { subgraphError } from '../execution/subgraph-error.js';
import type { SubscriptionPlan } from '../planning/plan-subscription.js';
import type { PreparedOperation } from '../planning/prepared-operation.js';
import type { Caller } from '../security/caller.js';
import { presentError } from '../security/present-error.js';
import type { ErrorPolicy } from '../security/present-error.js';

/** What turns an event of a subgraph into the client's answer. */
export interface EventService {
  readonly prepared: PreparedOperation;
  readonly plan: SubscriptionPlan;
  readonly caller: Caller;
  readonly client: SubgraphClient;
  readonly urlOf: (subgraph: string) => string;
  readonly errorPolicy: ErrorPolicy;
}

/**
 * Completes one event from the other subgraphs and shapes it for the client. Errors belong to this event alone.
 * Never rejects: a failure of the gateway itself is an error in the answer.
 */
export async function serveEvent(event: SubgraphAnswer, service: EventService): Promise<FormattedExecutionResult> {
  try {
    return await complete(event, service);
  } catch (error) {
    return presentErrors([error instanceof Error ? error : new Error(String(error))], service);
  }
}

export function presentErrors(
  errors: readonly Error[],
  { caller, errorPolicy }: Pick<EventService, 'caller' | 'errorPolicy'>,
): FormattedExecutionResult {
  return { errors: errors.map((error) => presentError(error, { ...errorPolicy, requestId: caller.origin.requestId })) };
}

async function complete(event: SubgraphAnswer, service: EventService): Promise<FormattedExecutionResult> {
  const { plan, prepared, caller, client, urlOf } = service;
  const { generation } = prepared;
  const variables = prepared.request.variables ?? {};
  const errors: GraphQLError[] = (event.errors ?? []).map((error) =>
    subgraphError(error, { subgraph: plan.primary.serviceName, path: error.path }),
  );
  const data = isData(event.data) ? event.data : {};
  const { supergraphSchema } = generation.planner;
  applyRewrites(data, { rewrites: plan.primary.outputRewrites, schema: supergraphSchema });
  if (plan.rest !== undefined && isData(event.data)) {
    await runPlan(plan.rest, data, {
      client,
      urlOf,
      supergraphSchema,
      caller,
      variables,
      coerced: prepared.variables,
      errors,
    });
  }
  const operationName = prepared.operation.name?.value;
  const projected = project(data, {
    schema: generation.apiSchema,
    document: prepared.document,
    operationName,
    variables,
  });
  const all = [...errors, ...unexplained(projected.errors, errors)];
  return all.length === 0 ? { data: projected.data } : { ...presentErrors(all, service), data: projected.data };
}
