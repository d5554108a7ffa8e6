import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  print,
  SingleFieldSubscriptionsRule,
  stripIgnoredCharacters,
  validate,
} from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { compileOperation } from '../execution/compile-operation.js';
import type { Executable } from '../execution/executable.js';
import type { Metrics } from '../observability/metrics.js';
import type { Span } from '../observability/tracing.js';
import type { Demand } from '../security/authorization.js';
import type { Caller } from '../security/caller.js';
import type { Settings } from '../settings.js';
import { inlineOperation } from './inline-operation.js';
import { combinationBytes, countSelections, executableBytes } from './memory-estimates.js';
import type { PlannedOperation } from './planner.js';
import { PlanningError } from './planning-error.js';
import type { PreparationScope } from './preparation-scope.js';
import { RequestErrors } from './read-document.js';
import type { ReadOperation } from './read-document.js';
import { createResponseKeys, toPlannerOperation } from './response-keys.js';

/**
 * One operation is planned anew for each combination of what changes its plan: the values of its conditions, which of
 * its demands are met, and the progressive overrides that are on. Each is planned once, however many ask at a time.
 */
export interface OperationVariants {
  /** Throws {@link RequestErrors} for what cannot be executed. */
  choose(variables: Readonly<Record<string, unknown>>, caller: Caller): Promise<Executable> | Executable;
  /** What is kept at present, in bytes, as far as it can be estimated. */
  bytes(): number;
  /** The combinations of conditions under which everything was allowed, for {@link warmUp}. */
  inUse(): readonly Readonly<Record<string, unknown>>[];
  /** Plans the combinations that are in use on another generation. What cannot be planned is left to who asks for it. */
  warmUp(before: OperationVariants): Promise<void>;
}

export interface VariantOptions {
  readonly scope: PreparationScope;
  readonly settings: Settings;
  readonly metrics: Metrics;
  /** Called when `bytes()` has become another; never for what is known already. */
  readonly onResize: () => void;
}

/** An operation with its conditions decided. */
interface Decided {
  readonly operation: OperationDefinitionNode;
  readonly demands: readonly Demand[];
  readonly executables: Map<string, Executable | Promise<Executable>>;
  readonly selections: number;
}

/** Combinations that are kept of one operation; a client that invents more pushes out its own. */
const KEPT_COMBINATIONS = 64;

export function createVariants(
  read: ReadOperation,
  { scope, settings, metrics, onResize }: VariantOptions,
): OperationVariants {
  const decided = new Map<string, Decided>();
  const overrides = createOverrides(scope.engine.view.planner.overrideLabels, settings.overrideLabels);

  const decide = (variables: Readonly<Record<string, unknown>>): Decided => {
    let key = '';
    for (const name of read.conditionNames) key += variables[name] === true ? '1' : '0';
    const known = decided.get(key);
    if (known !== undefined) return known;
    const operation = inlineOperation(read.document, read.operation, variables);
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) requireOneField(operation, scope);
    const demands = scope.authorization.demandsOf(operation, read.document);
    const selections = countSelections(operation.selectionSet);
    const fresh = keep(decided, key, { operation, demands, executables: new Map(), selections });
    onResize();
    return fresh;
  };

  const find = (
    { operation, executables }: Decided,
    {
      unmet,
      labels,
      trace,
    }: { readonly unmet: readonly Demand[]; readonly labels: readonly string[]; readonly trace?: Span | undefined },
  ): Executable | Promise<Executable> => {
    const key = unmet.length + labels.length === 0 ? '' : JSON.stringify([unmet, labels]);
    const known = executables.get(key);
    metrics.cacheLookup('plan', known !== undefined);
    if (known !== undefined) return known;
    const span = trace?.start('plan');
    const compiling = compile(operation, { unmet, labels, scope, metrics }).then(
      (executable) => {
        span?.end();
        if (executables.get(key) === compiling) executables.set(key, executable);
        return executable;
      },
      (error: unknown) => {
        span?.end({ error: error instanceof Error ? error.name : 'Error' });
        // What failed once may succeed: a planner that was replaced, for instance.
        if (executables.get(key) === compiling) {
          executables.delete(key);
          onResize();
        }
        throw error;
      },
    );
    const kept = keep(executables, key, compiling);
    onResize();
    return kept;
  };

  return {
    choose: (variables, caller) => {
      const chosen = decide(variables);
      const { demands } = chosen;
      const pick = (entitled: Caller) => {
        const unmet = demands.filter((demand) => !scope.authorization.isMet(demand, entitled));
        return find(chosen, { unmet, labels: overrides(), trace: caller.span });
      };
      const entitled = demands.length === 0 ? caller : scope.authorization.evaluate(demands, caller);
      return entitled instanceof Promise ? entitled.then(pick) : pick(entitled);
    },
    bytes: () => {
      let sum = 0;
      for (const { executables, selections } of decided.values()) {
        sum += combinationBytes(selections) + executables.size * executableBytes(selections);
      }
      return sum;
    },
    inUse: () =>
      [...decided.keys()].map((key) =>
        Object.fromEntries(read.conditionNames.map((name, index) => [name, key[index] === '1'])),
      ),
    warmUp: async (before) => {
      for (const conditions of before.inUse()) {
        try {
          await find(decide(conditions), { unmet: [], labels: overrides() });
        } catch (error) {
          if (!(error instanceof RequestErrors) && !(error instanceof PlanningError)) throw error;
        }
      }
    },
  };
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value): Value {
  kept.set(key, value);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_COMBINATIONS) break;
    kept.delete(oldest);
  }
  return value;
}

/** `percent(n)` is on for n of 100 requests; a name of the operator's own when the settings say so. */
function createOverrides(labels: readonly string[], enabled: readonly string[]): () => readonly string[] {
  if (labels.length === 0) return () => [];
  const shares = labels.map((label) => {
    const percent = /^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1];
    return { label, share: percent === undefined ? (enabled.includes(label) ? 100 : 0) : Number(percent) };
  });
  return () => shares.filter(({ share }) => Math.random() * 100 < share).map(({ label }) => label);
}

function requireOneField(operation: OperationDefinitionNode, { engine }: PreparationScope): void {
  if (operation.selectionSet.selections.length === 0) {
    throw new RequestErrors('BAD_USER_INPUT', [
      new GraphQLError('With these variables the subscription selects nothing.'),
    ]);
  }
  const document = { kind: Kind.DOCUMENT, definitions: [operation] } as const;
  const invalid = validate(engine.view.apiSchema, document, [SingleFieldSubscriptionsRule]);
  if (invalid.length > 0) throw new RequestErrors('GRAPHQL_VALIDATION_FAILED', invalid);
}

async function compile(
  operation: OperationDefinitionNode,
  {
    unmet,
    labels,
    scope,
    metrics,
  }: {
    readonly unmet: readonly Demand[];
    readonly labels: readonly string[];
    readonly scope: PreparationScope;
    readonly metrics: Metrics;
  },
): Promise<Executable> {
  const { engine, authorization } = scope;
  const keys = createResponseKeys(operation, engine.view.keyFieldNames);
  const allowed = unmet.length === 0 ? { operation, errors: [] } : authorization.prune(operation, unmet);
  const planned = await plan(allowed, { keys, labels, scope, metrics });
  return compileOperation({ operation, keys, planned, errors: allowed.errors }, engine);
}

const NOTHING: PlannedOperation = { node: undefined, twins: {} };

async function plan(
  allowed: { readonly operation: OperationDefinitionNode | null; readonly errors: readonly GraphQLError[] },
  {
    keys,
    labels,
    scope,
    metrics,
  }: {
    readonly keys: ReturnType<typeof createResponseKeys>;
    readonly labels: readonly string[];
    readonly scope: PreparationScope;
    readonly metrics: Metrics;
  },
): Promise<PlannedOperation> {
  if (allowed.operation === null) return NOTHING;
  const asked = toPlannerOperation(allowed.operation, keys);
  if (asked.selectionSet.selections.length === 0) return NOTHING;
  const startedAt = performance.now();
  const text = stripIgnoredCharacters(print(asked));
  const planned = await scope.engine.view.planner.plan({ text, overrides: labels });
  metrics.planned((performance.now() - startedAt) / 1_000);
  return planned;
}
