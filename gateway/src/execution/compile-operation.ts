import { executeSync, isObjectType, Kind, OperationTypeNode } from 'graphql';
import type { FetchNode } from '@apollo/query-planner';
import type { FieldNode, GraphQLError, OperationDefinitionNode } from 'graphql';
import type { PlannedOperation, SupergraphView } from '../planning/planner.js';
import type { ResponseKeys } from '../planning/response-keys.js';
import { responseKey } from '../planning/response-keys.js';
import { presentError } from '../security/present-error.js';
import type { ErrorPolicy } from '../security/present-error.js';
import { compileRequests } from './compile-requests.js';
import type { CompiledRequest, CompileScope } from './compile-requests.js';
import { isData } from './data.js';
import type { Data } from './data.js';
import type { Executable, ExecutableOperation, ExecutableSubscription, Outcome, Run } from './executable.js';
import { interfaceObjectsOf } from './interface-objects.js';
import { mergeSteps } from './merge-steps.js';
import { Overlay } from './overlay.js';
import { planSteps } from './plan-steps.js';
import { createKeysOf } from './entity-keys.js';
import type { KeysOf } from './entity-keys.js';
import { createPossibleTypes } from './possible-types.js';
import type { PossibleTypes } from './possible-types.js';
import { completeAnswer, unexplained } from './projection/complete-answer.js';
import { dropUnselected } from './projection/drop-unselected.js';
import { compileRoot } from './projection/shape.js';
import { inOnePiece, writeAnswer } from './projection/write-answer.js';
import { applyRewrites } from './rewrites.js';
import { runRequests } from './run-requests.js';
import type { RunState } from './run-requests.js';
import type { SubgraphAddress, SubgraphErrorJson } from './subgraph-call.js';
import type { SubgraphClient } from './subgraph-client.js';
import { subgraphError } from './subgraph-error.js';

/** What executables of one supergraph have in common. */
export interface EngineScope {
  readonly view: SupergraphView;
  readonly client: SubgraphClient;
  readonly addressOf: (subgraph: string) => SubgraphAddress;
  readonly possibleTypes: PossibleTypes;
  readonly isObjectType: (typename: unknown) => boolean;
  /** Whether a subgraph knows the interface as an object. */
  readonly isInterfaceObject: (name: string) => boolean;
  /** By which fields any subgraph recognises the entities of a type. */
  readonly keysOf: KeysOf;
  readonly errorPolicy: ErrorPolicy;
}

export function createEngineScope(
  options: Pick<EngineScope, 'view' | 'client' | 'addressOf' | 'errorPolicy'>,
): EngineScope {
  const schema = options.view.supergraphSchema;
  const types = Object.values(schema.getTypeMap());
  const objectTypes = new Set<unknown>(types.filter((type) => isObjectType(type)).map(({ name }) => name));
  const interfaceObjects = interfaceObjectsOf(schema);
  return {
    ...options,
    possibleTypes: createPossibleTypes(schema),
    isObjectType: (typename) => objectTypes.has(typename),
    isInterfaceObject: (name) => interfaceObjects.has(name),
    keysOf: createKeysOf(schema),
  };
}

/** An operation on its way from plan to executable. */
export interface CompileInput {
  /** What the client gets: fragments inlined, conditions decided. */
  readonly operation: OperationDefinitionNode;
  readonly keys: ResponseKeys;
  readonly planned: PlannedOperation;
  /** Errors that every answer carries: fields that this caller may not have. */
  readonly errors: readonly GraphQLError[];
}

export function compileOperation(input: CompileInput, scope: EngineScope): Executable {
  const { node } = input.planned;
  if (node?.kind === 'Subscription')
    return compileSubscription(input, { primary: node.primary, rest: node.rest, scope });
  const requests = compilePlan(node, input, scope);
  const answer = createAnswer(input, scope);
  const introspection = introspectionOf(input.operation);
  const kind = input.operation.operation === OperationTypeNode.MUTATION ? 'mutation' : 'query';
  return {
    kind,
    // Nobody may ask for it in production, where a thousand of them would be kept.
    plan: scope.errorPolicy.production ? undefined : node,
    execute: async (run) => {
      const state = openState({}, input, { requests, isObjectType: scope.isObjectType });
      if (introspection !== undefined) introspect(introspection, { input, scope, state, run });
      await runRequests(requests, state, { scope: runScope(scope), run });
      return answer(state, run);
    },
  } satisfies ExecutableOperation;
}

function compileSubscription(
  input: CompileInput,
  {
    primary,
    rest,
    scope,
  }: {
    readonly primary: FetchNode;
    readonly rest: Parameters<typeof planSteps>[0];
    readonly scope: EngineScope;
  },
): ExecutableSubscription {
  const requests = compilePlan(rest, input, scope);
  const answer = createAnswer(input, scope);
  const rewrites = { rewrites: primary.outputRewrites, schema: scope.view.supergraphSchema };
  /** Other operations may have been given the same event. */
  const toRoot = (data: Data): Data => {
    if ((primary.outputRewrites ?? []).length === 0) return data;
    const own = structuredClone(data);
    applyRewrites(own, rewrites);
    return own;
  };
  const report = (state: RunState, errors: readonly SubgraphErrorJson[]): void => {
    for (const error of errors) {
      state.errors.push(subgraphError(error, { subgraph: primary.serviceName, path: error.path }));
    }
  };
  return {
    kind: 'subscription',
    primary: {
      subgraph: primary.serviceName,
      text: primary.operation,
      operationName: primary.operationName,
      variableNames: primary.variableUsages ?? [],
    },
    complete: async (event, run) => {
      const data = isData(event.data) ? event.data : undefined;
      const state = openState(data === undefined ? {} : toRoot(data), input, {
        requests,
        isObjectType: scope.isObjectType,
      });
      report(state, event.errors ?? []);
      if (data !== undefined) await runRequests(requests, state, { scope: runScope(scope), run });
      return answer(state, run);
    },
    fail: (errors, run) => {
      const state = openState({}, input, { requests, isObjectType: scope.isObjectType });
      report(state, errors);
      const presented = present(state.errors, { input, scope, run });
      return {
        text: `{"errors":${JSON.stringify(presented)}}`,
        hasErrors: true,
        isDataNull: true,
        sqlStatements: undefined,
      };
    },
  };
}

function compilePlan(
  node: Parameters<typeof planSteps>[0],
  input: CompileInput,
  scope: EngineScope,
): CompiledRequest[] {
  const compileScope: CompileScope = { ...scope, twins: input.planned.twins };
  return compileRequests(mergeSteps(planSteps(node)), compileScope);
}

function openState(
  root: Data,
  { errors }: CompileInput,
  scope: { readonly requests: readonly CompiledRequest[]; readonly isObjectType: EngineScope['isObjectType'] },
): RunState {
  const sharing = scope.requests.some(({ context }) => context !== undefined) ? 'never' : 'not yet';
  return { root, overlay: new Overlay(scope.isObjectType), errors: [...errors], sharing, sqlStatements: undefined };
}

function runScope({ client, view }: EngineScope) {
  return { client, supergraphSchema: view.supergraphSchema };
}

/** How data becomes text: by the compiled shape when it is as promised, by graphql-js when it is not. */
function createAnswer(input: CompileInput, scope: EngineScope): (state: RunState, run: Run) => Outcome {
  const { operation, keys } = input;
  const { isInterfaceObject } = scope;
  const schema = scope.view.apiSchema;
  const rootType = schema.getRootType(operation.operation);
  if (rootType === undefined || rootType === null) throw new Error(`the schema has no ${operation.operation}`);
  const shape = compileRoot(rootType, operation.selectionSet, { schema, keys, isInterfaceObject });
  return (state, run) => {
    const written = writeAnswer(state, shape, state.sharing === 'yes');
    if (written !== undefined && state.errors.length === 0) {
      const { sqlStatements } = state;
      return { text: inOnePiece(`{"data":${written}}`), hasErrors: false, isDataNull: false, sqlStatements };
    }
    let data = written;
    let errors: readonly GraphQLError[] = state.errors;
    if (data === undefined) {
      const completed = completeAnswer(state, {
        schema,
        operation,
        keys,
        isInterfaceObject,
        variables: run.variables,
      });
      data = JSON.stringify(completed.data);
      errors = [...state.errors, ...unexplained(completed.errors, state.errors)];
    }
    if (errors.length > 0) errors = dropUnselected(errors, { root: state.root, overlay: state.overlay, shape });
    const presented = errors.length === 0 ? '' : `"errors":${JSON.stringify(present(errors, { input, scope, run }))},`;
    return {
      text: `{${presented}"data":${data}}`,
      hasErrors: errors.length > 0,
      isDataNull: data === 'null',
      sqlStatements: state.sqlStatements,
    };
  };
}

function present(
  errors: readonly GraphQLError[],
  { input, scope, run }: { readonly input: CompileInput; readonly scope: EngineScope; readonly run: Run },
) {
  const policy = { ...scope.errorPolicy, requestId: run.caller.origin.requestId };
  return errors.map((error) => {
    const presented = presentError(error, policy);
    const path = presented.path?.map((step) => (typeof step === 'string' ? input.keys.original(step) : step));
    return path === undefined ? presented : { ...presented, path };
  });
}

/** The part of the operation that asks for the schema itself, which the gateway answers alone. */
function introspectionOf(operation: OperationDefinitionNode): OperationDefinitionNode | undefined {
  if (operation.operation !== OperationTypeNode.QUERY) return undefined;
  const selections = rootFields(operation).filter(({ name }) => name.value === '__schema' || name.value === '__type');
  if (selections.length === 0) return undefined;
  return { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function rootFields({ selectionSet }: Pick<OperationDefinitionNode, 'selectionSet'>) {
  return [...fieldsOf(selectionSet)];
}

function* fieldsOf(set: OperationDefinitionNode['selectionSet']): Generator<FieldNode> {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) yield selection;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* fieldsOf(selection.selectionSet);
  }
}

function introspect(
  operation: OperationDefinitionNode,
  {
    input,
    scope,
    state,
    run,
  }: { readonly input: CompileInput; readonly scope: EngineScope; readonly state: RunState; readonly run: Run },
): void {
  const { data, errors } = executeSync({
    schema: scope.view.apiSchema,
    document: { kind: Kind.DOCUMENT, definitions: [operation] },
    variableValues: run.variables,
  });
  for (const field of rootFields(operation)) {
    state.root[input.keys.of(field)] = data?.[responseKey(field)];
  }
  state.errors.push(...(errors ?? []));
}
