import type { FetchDataRewrite } from '@apollo/query-planner';
import type { SupergraphView } from '../planning/planner.js';
import { compileContext } from './context-values.js';
import type { ReadContext } from './context-values.js';
import type { MergedRequest } from './merge-steps.js';
import type { PlanStep } from './plan-steps.js';
import type { PossibleTypes } from './possible-types.js';
import type { KeysOf } from './entity-keys.js';
import { joinOperations, REPRESENTATIONS } from './join-operations.js';
import { compileRepresentation } from './representation.js';
import type { ChooseRepresentation, WriteRepresentation } from './representation.js';
import { rewriteRepresentation } from './rewrites.js';
import type { SubgraphAddress } from './subgraph-call.js';

/** A request with everything that is the same for each run done. */
export interface CompiledRequest {
  readonly subgraph: SubgraphAddress;
  readonly kind: 'query' | 'mutation';
  readonly template: BodyTemplate;
  /** Empty for a fetch of root fields. */
  readonly parts: readonly CompiledPart[];
  readonly outputRewrites: readonly FetchDataRewrite[];
  /** The answer is rewritten, and so must be this run's alone. */
  readonly isOwned: boolean;
  /** Where the fields of a fetch of root fields go: `Query` can be reached through a field. */
  readonly path: readonly string[];
  /** Undefined for a fetch whose arguments do not depend on what is around its entities. */
  readonly context: CompiledContext | undefined;
  /** Requests to start when this one and all their others are done, by index. */
  readonly dependents: readonly number[];
  /** How many requests come before this one. */
  readonly waitsFor: number;
}

/** The constant text of a request's body, and the variables that go into it. */
export interface BodyTemplate {
  /** `{"query":"...","variables":{` */
  readonly start: string;
  /** Client variables: name, and `"name":`. */
  readonly variables: readonly (readonly [name: string, label: string])[];
}

/** Entities with one selection. */
export interface CompiledPart {
  readonly responseKey: string;
  /** `"representations":[` */
  readonly label: string;
  readonly members: readonly CompiledMember[];
  readonly outputRewrites: readonly FetchDataRewrite[];
  /** The request for this part alone, for when a failure of the common one must not be everybody's. */
  readonly alone: BodyTemplate;
}

/** A fetch of entities with arguments from around them: one `_entities` for each combination of values. */
export interface CompiledContext {
  readonly read: ReadContext;
  /** The body for so many combinations. */
  templateFor(combinations: number): BodyTemplate;
  /** The part that combination has in the body and in the answer. */
  partOf(combination: number): CompiledPart;
  /** `"variable_3":` */
  labelOf(variable: string, combination: number): string;
}

/** The entities of one step. */
export interface CompiledMember {
  readonly path: readonly string[];
  readonly representation: ChooseRepresentation;
  readonly write: WriteRepresentation;
}

/** What compiling needs to know of the supergraph. */
export interface CompileScope {
  readonly view: Pick<SupergraphView, 'supergraphSchema'>;
  readonly possibleTypes: PossibleTypes;
  readonly keysOf: KeysOf;
  readonly addressOf: (subgraph: string) => SubgraphAddress;
  readonly twins: Readonly<Record<string, { readonly field: string }>>;
}

export function compileRequests(requests: readonly MergedRequest[], scope: CompileScope): CompiledRequest[] {
  return requests.map((request, index) => ({
    subgraph: scope.addressOf(request.subgraph),
    kind: request.kind,
    template: bodyTemplate(request.operation, request.variableNames),
    parts: request.parts.map(({ responseKey, variable, steps }) => ({
      responseKey,
      label: `${JSON.stringify(variable)}:[`,
      members: steps.map((step) => compileMember(step, scope)),
      outputRewrites: steps[0]?.outputRewrites ?? [],
      alone: bodyTemplate(steps[0]?.operation ?? '', [...new Set(steps.flatMap((step) => step.variableNames))]),
    })),
    outputRewrites: request.parts.length > 0 ? [] : (request.steps[0]?.outputRewrites ?? []),
    isOwned: request.steps.some(({ outputRewrites }) => outputRewrites.length > 0),
    path: request.steps[0]?.path ?? [],
    context: compileContexts(request, scope),
    dependents: requests.flatMap(({ after }, dependent) => (after.includes(index) ? [dependent] : [])),
    waitsFor: request.after.length,
  }));
}

function compileContexts({ parts, steps }: MergedRequest, scope: CompileScope): CompiledContext | undefined {
  const [step] = steps;
  if (parts.length === 0 || step === undefined || step.contextRewrites.length === 0) return undefined;
  const contextual = new Set(step.contextRewrites.map(({ renameKeyTo }) => renameKeyTo));
  const variableNames = step.variableNames.filter((name) => !contextual.has(name));
  const suffixed = (name: string, combination: number): string =>
    name === REPRESENTATIONS || contextual.has(name) ? `${name}_${combination}` : name;
  const member = compileMember(step, scope);
  const templates = new Map<number, BodyTemplate>();
  return {
    read: compileContext(step.contextRewrites, scope.possibleTypes),
    templateFor: (combinations) => {
      const known = templates.get(combinations);
      if (known !== undefined) return known;
      const fetches = Array.from({ length: combinations }, (_, combination) => ({
        operation: step.operation,
        responseKey: `_e${combination}`,
        nameVariable: (name: string) => suffixed(name, combination),
      }));
      const template = bodyTemplate(joinOperations(fetches), variableNames);
      templates.set(combinations, template);
      return template;
    },
    partOf: (combination) => ({
      responseKey: `_e${combination}`,
      label: `"${REPRESENTATIONS}_${combination}":[`,
      members: [member],
      outputRewrites: step.outputRewrites,
      alone: bodyTemplate(step.operation, variableNames),
    }),
    labelOf: (variable, combination) => `${JSON.stringify(suffixed(variable, combination))}:`,
  };
}

export function bodyTemplate(operation: string, variableNames: readonly string[]): BodyTemplate {
  return {
    start: `{"query":${JSON.stringify(operation)},"variables":{`,
    variables: variableNames.map((name) => [name, `${JSON.stringify(name)}:`]),
  };
}

function compileMember({ path, requires, inputRewrites }: PlanStep, scope: CompileScope): CompiledMember {
  const representation = compileRepresentation(requires ?? [], {
    possibleTypes: scope.possibleTypes,
    keysOf: scope.keysOf,
    realName: (key) => scope.twins[key]?.field ?? key,
  });
  const write: WriteRepresentation = (entity, overlay) => representation(entity, overlay).write(entity, overlay);
  if (inputRewrites.length === 0) return { path, representation, write };
  const rewrites = { rewrites: inputRewrites, schema: scope.view.supergraphSchema };
  return {
    path,
    representation,
    write: (entity, overlay) => {
      const text = write(entity, overlay);
      return text === undefined ? undefined : rewriteRepresentation(text, rewrites);
    },
  };
}
