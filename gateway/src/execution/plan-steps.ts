import { OperationTypeNode } from 'graphql';
import type {
  FetchDataKeyRenamer,
  FetchDataRewrite,
  FetchNode,
  PlanNode,
  QueryPlanSelectionNode,
} from '@apollo/query-planner';

/** One fetch of a plan, and what has to be known before it. */
export interface PlanStep {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  /** Where its entities stand: keys of the data, `@` for each element of a list. Empty for a fetch of root fields. */
  readonly path: readonly string[];
  /** Undefined for a fetch of root fields. */
  readonly requires: readonly QueryPlanSelectionNode[] | undefined;
  readonly operation: string;
  readonly variableNames: readonly string[];
  readonly inputRewrites: readonly FetchDataRewrite[];
  readonly outputRewrites: readonly FetchDataRewrite[];
  readonly contextRewrites: readonly FetchDataKeyRenamer[];
  /** Steps that come before it, as the plan has them. */
  readonly after: ReadonlySet<PlanStep>;
  /** The longest chain of steps before it. */
  readonly level: number;
}

/** Flattens a plan into its fetches. Throws for what the gateway cannot execute. */
export function planSteps(node: PlanNode | undefined): PlanStep[] {
  const steps: PlanStep[] = [];
  const walk = (current: PlanNode, path: readonly string[], after: ReadonlySet<PlanStep>): ReadonlySet<PlanStep> => {
    switch (current.kind) {
      case 'Sequence': {
        let before = after;
        const all = new Set<PlanStep>();
        for (const part of current.nodes) {
          const done = walk(part, path, before);
          for (const step of done) all.add(step);
          before = new Set([...before, ...done]);
        }
        return all;
      }
      case 'Parallel': {
        const all = new Set<PlanStep>();
        for (const part of current.nodes) for (const step of walk(part, path, after)) all.add(step);
        return all;
      }
      case 'Flatten':
        return walk(current.node, [...path, ...current.path.map(String)], after);
      case 'Fetch': {
        const step = toStep(current, path, after);
        steps.push(step);
        return new Set([step]);
      }
      case 'Condition':
        throw new Error(`the plan depends on $${current.condition}, which was decided before it`);
      case 'Defer':
        throw new Error('@defer is not supported');
    }
  };
  if (node !== undefined) walk(node, [], new Set());
  return steps;
}

function toStep(fetch: FetchNode, path: readonly string[], after: ReadonlySet<PlanStep>): PlanStep {
  return {
    subgraph: fetch.serviceName,
    kind: fetch.operationKind === OperationTypeNode.MUTATION ? 'mutation' : 'query',
    path,
    requires: fetch.requires,
    operation: fetch.operation,
    variableNames: fetch.variableUsages ?? [],
    inputRewrites: fetch.inputRewrites ?? [],
    outputRewrites: fetch.outputRewrites ?? [],
    contextRewrites: fetch.contextRewrites ?? [],
    after,
    level: Math.max(-1, ...[...after].map(({ level }) => level)) + 1,
  };
}
