import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { print } from 'graphql';
import type { PreparedOperation } from './prepared-operation.js';

/** How a subscription is served. */
export interface SubscriptionPlan {
  /** Opens the stream at one subgraph. */
  readonly primary: FetchNode;
  /** Completes each event from other subgraphs; undefined when the stream's subgraph knows everything. */
  readonly rest: PlanNode | undefined;
  /** Equal texts on one generation have equal plans. */
  readonly text: string;
  /** The variables that make a difference. */
  readonly variableNames: readonly string[];
}

/** Plans are kept for the operations in use; a client that invents new ones pushes out its own. */
const KEPT_PLANS = 500;

/** Throws for what cannot be planned. */
export type PlanSubscription = (prepared: PreparedOperation) => SubscriptionPlan;

export function createSubscriptionPlanner(): PlanSubscription {
  const plans = new Map<string, SubscriptionPlan>();
  return (prepared) => {
    const text = print(prepared.document);
    const key = `${prepared.generation.number} ${text}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const planned = { ...plan(prepared), text, variableNames: variablesOf(prepared) };
    plans.set(key, planned);
    for (const oldest of plans.keys()) {
      if (plans.size <= KEPT_PLANS) break;
      plans.delete(oldest);
    }
    return planned;
  };
}

function plan({ generation, document, operation }: PreparedOperation): Pick<SubscriptionPlan, 'primary' | 'rest'> {
  const { node } = generation.planner.plan(document, operation.name?.value);
  // Validation has refused a subscription without a field of the schema, so the plan cannot be empty.
  if (node?.kind !== 'Subscription') throw new Error(`the planner made a ${node?.kind ?? 'nothing'} of a subscription`);
  return { primary: node.primary, rest: node.rest };
}

function variablesOf({ operation }: PreparedOperation): string[] {
  return (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
}
