import type { Schema, Supergraph } from '@apollo/federation-internals';
import type { PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import { Kind, OperationTypeNode, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import type { FieldNode, SelectionNode } from 'graphql';
import { onlyOperation } from './build-plan.js';
import { withoutEarlyFields } from './early-fields.js';
import type { EarlyField } from './early-fields.js';
import { dataOf } from './fetch-data.js';
import type { FetchData } from './fetch-data.js';
import { planOf, stepsOf } from './plan-order.js';
import type { Step } from './plan-order.js';
import { PlanningError } from './planning-error.js';
import type { Requirements } from './requirements.js';

/** The plan with no field asked for before its subgraph has been told what the field requires. */
export type RepairPlan = (node: PlanNode | SubscriptionNode) => PlanNode | SubscriptionNode;

/** Each round can uncover fields that are required by those that it moved. */
const MAX_ROUNDS = 10;

export function createPlanRepair(supergraph: Supergraph, requirements: Requirements): RepairPlan {
  const schemas = new Map(
    supergraph
      .subgraphs()
      .values()
      .map(({ name, schema }) => [name, schema]),
  );
  return (node) => {
    let repaired = node;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const next = repairOnce(repaired, { schemas, requirements, supergraph: supergraph.schema });
      if (next === repaired) return repaired;
      repaired = next;
    }
    throw new PlanningError('unanswerable', 'the operation cannot be planned: required fields require each other');
  };
}

interface Scope {
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly requirements: Requirements;
  readonly supergraph: Schema;
}

function repairOnce(node: PlanNode | SubscriptionNode, scope: Scope): PlanNode | SubscriptionNode {
  const steps = stepsOf(node);
  const narrowed = new Map<Step, Step>();
  const added: Step[] = [];
  for (const step of steps) {
    const schema = scope.schemas.get(step.fetch.serviceName);
    if (schema === undefined) throw new Error(`the plan names ${step.fetch.serviceName}, which is no subgraph`);
    const { fetch, early } = withoutEarlyFields(step.fetch, { schema, requirements: scope.requirements });
    narrowed.set(step, { ...step, fetch });
    for (const fields of byObject(early)) added.push(laterStep(step, fields, scope));
  }
  if (added.length === 0) return node;
  return reorder({ kind: node.kind === 'Subscription' ? 'Subscription' : 'Sequence', narrowed, added });
}

/** Fields of the same objects are asked for together. */
function byObject(early: readonly EarlyField[]): (readonly EarlyField[])[] {
  const groups = new Map<string, EarlyField[]>();
  for (const field of early) {
    const key = `${field.path.join('.')} ${field.type}`;
    groups.set(key, [...(groups.get(key) ?? []), field]);
  }
  return [...groups.values()];
}

/** Asks the subgraph again, by the key of the object and with what the fields require. */
function laterStep(step: Step, early: readonly EarlyField[], { requirements, supergraph }: Scope): Step {
  const { fetch } = step;
  const [{ type, path }] = early as [EarlyField];
  const fields = early.map(({ field }) => field);
  if (fetch.outputRewrites !== undefined || fetch.contextRewrites !== undefined)
    throw new PlanningError('unanswerable', `the operation cannot be planned: ${type} is fetched too early`);
  const required = fields.flatMap(
    (field) => requirements.requiredFor({ subgraph: fetch.serviceName, type, field: field.name.value }) ?? [],
  );
  const key = requirements.keyOf(fetch.serviceName, type) ?? [];
  const operationName = fetch.operationName === undefined ? undefined : `${fetch.operationName}__later`;
  const { operation, variables } = entityOperation(fetch.operation, { name: operationName ?? '', type, fields });
  const isInterface = supergraph.type(type)?.kind === 'InterfaceType';
  return {
    path: [...step.path, ...path],
    after: new Set(),
    fetch: {
      kind: 'Fetch',
      serviceName: fetch.serviceName,
      requires: [
        { kind: 'InlineFragment', typeCondition: type, selections: [TYPENAME, ...toRequired([...key, ...required])] },
      ],
      variableUsages: variables,
      operation,
      operationKind: OperationTypeNode.QUERY,
      operationName,
      ...(isInterface
        ? { inputRewrites: [{ kind: 'ValueSetter', path: [`... on ${type}`, '__typename'], setValueTo: type }] }
        : {}),
    },
  };
}

const TYPENAME: QueryPlanSelectionNode = { kind: 'Field', name: '__typename' };

/** Selections as a fetch's `requires` has them, each name once. */
function toRequired(selections: readonly SelectionNode[]): QueryPlanSelectionNode[] {
  const fields = new Map<string, SelectionNode[]>();
  const fragments: QueryPlanSelectionNode[] = [];
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const below = fields.get(selection.name.value) ?? [];
      fields.set(selection.name.value, [...below, ...(selection.selectionSet?.selections ?? [])]);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      fragments.push({
        kind: 'InlineFragment',
        ...(condition === undefined ? {} : { typeCondition: condition }),
        selections: toRequired(selection.selectionSet.selections),
      });
    }
  }
  const named = [...fields].map(([name, below]): QueryPlanSelectionNode =>
    below.length === 0 ? { kind: 'Field', name } : { kind: 'Field', name, selections: toRequired(below) },
  );
  return [...named, ...fragments];
}

function entityOperation(
  /** The operation that has asked too early: it declares the variables of the fields. */
  original: string,
  { name, type, fields }: { readonly name: string; readonly type: string; readonly fields: readonly FieldNode[] },
): { readonly operation: string; readonly variables: string[] } {
  const used = new Set<string>();
  for (const field of fields) visit(field, { Variable: (variable) => void used.add(variable.name.value) });
  const declared = (onlyOperation(parse(original, { noLocation: true })).variableDefinitions ?? []).filter(
    ({ variable }) => used.has(variable.name.value),
  );
  const parameters = ['$representations: [_Any!]!', ...declared.map(print)].join(' ');
  const selection = `... on ${type} { ${fields.map(print).join(' ')} }`;
  return {
    operation: stripIgnoredCharacters(
      `query ${name}(${parameters}) { _entities(representations: $representations) { ${selection} } }`,
    ),
    variables: declared.map(({ variable }) => variable.name.value),
  };
}

function reorder({
  kind,
  narrowed,
  added,
}: {
  readonly kind: 'Subscription' | 'Sequence';
  /** The steps as they were, with what became of each. */
  readonly narrowed: ReadonlyMap<Step, Step>;
  readonly added: readonly Step[];
}): PlanNode | SubscriptionNode {
  const all = [...narrowed.values(), ...added];
  const data = new Map(all.map((step) => [step, dataOf(step)]));
  const isLate = new Set(added);
  const needs = new Map<Step, ReadonlySet<Step>>();
  for (const step of all) {
    const before = new Set([...step.after].map((earlier) => narrowed.get(earlier) ?? earlier));
    const needed = data.get(step)?.needs ?? new Set();
    const providers = all.filter(
      (other) =>
        other !== step &&
        (isLate.has(step) || isLate.has(other) || before.has(other)) &&
        [...(data.get(other)?.brings ?? [])].some((place) => needed.has(place)),
    );
    if (isLate.has(step)) requireBrought(needed, { step, providers, data });
    const isRootOfMutation = step.path.length === 0 && step.fetch.operationKind === OperationTypeNode.MUTATION;
    needs.set(step, new Set(isRootOfMutation ? [...providers, ...before] : providers));
  }
  return planOf(all, { kind, needs: (step) => needs.get(step) ?? new Set() });
}

function requireBrought(
  needed: ReadonlySet<string>,
  {
    step,
    providers,
    data,
  }: { readonly step: Step; readonly providers: readonly Step[]; readonly data: ReadonlyMap<Step, FetchData> },
): void {
  const missing = [...needed].find((place) => !providers.some((other) => data.get(other)?.brings.has(place) === true));
  if (missing === undefined) return;
  const { serviceName } = step.fetch;
  throw new PlanningError('unanswerable', `the operation cannot be planned: ${serviceName} requires ${missing}`);
}
