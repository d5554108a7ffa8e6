import { joinOperations, REPRESENTATIONS } from './join-operations.js';
import type { PlanStep } from './plan-steps.js';

/** Entities that are asked for with one selection: one `_entities` field of a request. */
export interface EntityPart {
  /** Where the request's answer has them: `_entities`, or an alias of it. */
  readonly responseKey: string;
  /** The variable that takes the representations. */
  readonly variable: string;
  /** Steps that want this selection, each for entities at another place. */
  readonly steps: readonly PlanStep[];
}

/** One HTTP request to one subgraph: a fetch of root fields, or of entities for every step that can share it. */
export interface MergedRequest {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  readonly operation: string;
  readonly variableNames: readonly string[];
  /** Empty for a fetch of root fields. */
  readonly parts: readonly EntityPart[];
  readonly steps: readonly PlanStep[];
  /** Indices of the requests that have to be answered first. */
  readonly after: readonly number[];
}

/**
 * Joins steps of one level at one subgraph into one request. A step that nothing waits for moves to the last level at
 * which its subgraph is asked anyway: that takes a request away and makes no chain longer.
 */
export function mergeSteps(steps: readonly PlanStep[]): MergedRequest[] {
  const groups = groupSteps(steps);
  const indexOf = new Map(groups.flatMap((group, index) => group.map((step) => [step, index] as const)));
  return groups.map((group) => {
    const after = new Set(group.flatMap((step) => [...step.after].map((before) => indexOf.get(before) ?? -1)));
    return { ...toRequest(group), after: [...after] };
  });
}

function groupSteps(steps: readonly PlanStep[]): PlanStep[][] {
  const awaited = new Set(steps.flatMap((step) => [...step.after]));
  const lastLevel = new Map<string, number>();
  for (const step of steps) {
    if (isMergeable(step)) lastLevel.set(step.subgraph, Math.max(lastLevel.get(step.subgraph) ?? 0, step.level));
  }
  const groups = new Map<string, PlanStep[]>();
  steps.forEach((step, index) => {
    const level = awaited.has(step) ? step.level : (lastLevel.get(step.subgraph) ?? step.level);
    const key = isMergeable(step) ? `${level} ${step.subgraph}` : `alone ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  });
  return [...groups.values()];
}

/** Contexts make the arguments of a fetch differ from entity to entity. */
function isMergeable({ requires, contextRewrites }: PlanStep): boolean {
  return requires !== undefined && contextRewrites.length === 0;
}

function toRequest(steps: readonly PlanStep[]): Omit<MergedRequest, 'after'> {
  const [first] = steps;
  if (first === undefined) throw new Error('a request without a step');
  const { subgraph, kind } = first;
  const variableNames = [...new Set(steps.flatMap((step) => step.variableNames))];
  const parts = partsOf(steps);
  const operation =
    parts.length < 2
      ? first.operation
      : joinOperations(
          parts.map(({ responseKey, variable, steps: [step] }) => ({
            operation: step?.operation ?? '',
            responseKey,
            nameVariable: (name) => (name === REPRESENTATIONS ? variable : name),
          })),
        );
  return { subgraph, kind, operation, variableNames, parts, steps };
}

/** Steps with one selection are one part: an entity that several of them want is asked for once. */
function partsOf(steps: readonly PlanStep[]): EntityPart[] {
  const groups = new Map<string, PlanStep[]>();
  for (const step of steps) {
    if (step.requires === undefined) return [];
    const key = JSON.stringify([selectionOf(step.operation), step.outputRewrites]);
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  const parts = [...groups.values()];
  if (parts.length === 1) return [{ responseKey: '_entities', variable: REPRESENTATIONS, steps }];
  return parts.map((group, index) => ({ responseKey: `_e${index}`, variable: `r${index}`, steps: group }));
}

/** The operation without its name, which says which fetch of the plan it is. */
function selectionOf(operation: string): string {
  return operation.replace(/^(query|mutation)\s*\w*/, '');
}
