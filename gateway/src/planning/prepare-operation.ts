import { getVariableValues, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Executable } from '../execution/executable.js';
import type { OperationRequest } from '../http/exchange.js';
import type { Metrics } from '../observability/metrics.js';
import type { Span } from '../observability/tracing.js';
import type { Caller } from '../security/caller.js';
import { checkCost } from '../security/cost-limit.js';
import type { Settings } from '../settings.js';
import type { Generation } from './generations.js';
import { documentBytes } from './memory-estimates.js';
import { createVariants } from './operation-variants.js';
import type { OperationVariants } from './operation-variants.js';
import type { PreparationScope } from './preparation-scope.js';
import { PlanningError } from './planning-error.js';
import type { Prepared, PreparedOperation, PrepareOperation } from './prepared-operation.js';
import { createReader, RequestErrors, withoutSuggestion } from './read-document.js';
import type { ReadDocument, ReadOperation } from './read-document.js';
import { refuseNullCondition } from './refuse-null-condition.js';

export interface PreparationOptions {
  readonly settings: Settings;
  readonly metrics: Metrics;
  /** The newest generation. */
  readonly current: () => PreparationScope;
}

export interface Preparation {
  readonly prepare: PrepareOperation;
  /** Plans what was in use on the last generation, newest first, before the next one is served. */
  warmUp(next: PreparationScope, previous: Generation | undefined): Promise<void>;
}

/** Operations of one document. */
interface KnownDocument {
  readonly operations: ReadonlyMap<string, KnownOperation>;
}

interface KnownOperation {
  readonly read: ReadOperation;
  readonly variants: OperationVariants;
  /** Its cost is the same for all variables, and within the limits. */
  isCostKnown: boolean;
}

/**
 * Everything that is the same for each request with the same text is done once and kept, newest use last, as far as
 * `documentCacheBytes` goes: a document grows with each variant that is kept of it, and one that outgrows the cache
 * begins anew. Faulty documents are not kept: there is no end to them.
 */
export function createPreparation({ settings, metrics, current }: PreparationOptions): Preparation {
  const readText = createReader(settings);
  const caches = new WeakMap<Generation, LRUCache<string, KnownDocument>>();

  const cacheOf = (generation: Generation): LRUCache<string, KnownDocument> => {
    let cache = caches.get(generation);
    if (cache === undefined) {
      cache = new LRUCache<string, KnownDocument>({
        maxSize: settings.documentCacheBytes,
        sizeCalculation: bytesOf,
      });
      caches.set(generation, cache);
    }
    return cache;
  };

  const read = (query: string, scope: PreparationScope, trace?: Span): KnownDocument => {
    const cache = cacheOf(scope.generation);
    const known = cache.get(query);
    metrics.cacheLookup('document', known !== undefined);
    if (known !== undefined) return known;
    const operations = new Map<string, KnownOperation>();
    const document = { operations };
    const onResize = (): void => {
      // It may have been pushed out while it was planned.
      if (cache.peek(query) !== document) return;
      // The size of a value that is already there is not looked at again.
      cache.delete(query);
      cache.set(query, document);
    };
    for (const [name, operation] of readTraced(query, scope, trace)) {
      operations.set(name, {
        read: operation,
        variants: createVariants(operation, { scope, settings, metrics, onResize }),
        isCostKnown: false,
      });
    }
    cache.set(query, document);
    return document;
  };

  const readTraced = (query: string, { engine }: PreparationScope, trace: Span | undefined): ReadDocument => {
    const span = trace?.start('parse and validate');
    try {
      return readText(query, engine.view.apiSchema);
    } finally {
      span?.end();
    }
  };

  const prepare = (request: OperationRequest, caller: Caller): PreparedOperation | Promise<PreparedOperation> => {
    const scope = current();
    if (request.query === undefined) throw requestError('BAD_REQUEST', '`query` is missing.');
    const operation = read(request.query, scope, caller.span).operations.get(request.operationName ?? '');
    if (operation === undefined) {
      throw requestError(
        'OPERATION_RESOLUTION_FAILURE',
        'The document has no operation of that name, or several and none was named.',
      );
    }
    const { operation: kind, name } = operation.read.operation;
    caller.span?.nameOperation(kind, name?.value);
    const variables = coerce(operation.read, request, { scope, settings });
    if (!operation.isCostKnown) operation.isCostKnown = refuseTooLarge(operation.read, variables, { scope, settings });
    const finish = (executable: Executable): PreparedOperation => ({
      request,
      generation: scope.generation,
      document: operation.read.document,
      name: name?.value,
      variables,
      executable,
    });
    const chosen = operation.variants.choose(variables, caller);
    return chosen instanceof Promise ? chosen.then(finish) : finish(chosen);
  };

  const refuse = (error: unknown): Prepared => {
    if (!(error instanceof RequestErrors) && !(error instanceof PlanningError)) throw error;
    const errors = error instanceof RequestErrors ? error.errors : [unplanned(error)];
    metrics.refused(String(errors[0]?.extensions['code']));
    return { ok: false, errors };
  };

  return {
    prepare: (request, caller) => {
      try {
        const prepared = prepare(request, caller);
        return prepared instanceof Promise ? prepared.then(accept, refuse) : accept(prepared);
      } catch (error) {
        return refuse(error);
      }
    },
    warmUp: async (next, previous) => {
      const used = previous === undefined ? [] : [...cacheOf(previous).entries()].slice(0, WARMED_UP);
      // The oldest first, so that the order of use is the same as before.
      for (const [query, document] of used.toReversed()) {
        try {
          const fresh = read(query, next);
          for (const [name, operation] of document.operations) {
            await fresh.operations.get(name)?.variants.warmUp(operation.variants);
          }
        } catch (error) {
          // It is not valid any more: whoever sends it again is told.
          if (!(error instanceof RequestErrors)) throw error;
        }
      }
    },
  };
}

function accept(prepared: PreparedOperation): Prepared {
  return { ok: true, prepared };
}

/** Documents that are planned before a reload: the rest is planned when it comes. */
const WARMED_UP = 200;

const NO_VARIABLES: Readonly<Record<string, unknown>> = {};

function coerce(
  { document, operation, conditionNames }: ReadOperation,
  request: OperationRequest,
  { scope: { engine }, settings }: { readonly scope: PreparationScope; readonly settings: Settings },
): Readonly<Record<string, unknown>> {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return NO_VARIABLES;
  const { coerced, errors } = getVariableValues(engine.view.apiSchema, definitions, request.variables ?? {});
  if (coerced === undefined) {
    throw new RequestErrors(
      'BAD_USER_INPUT',
      settings.production ? (errors ?? []).map(withoutSuggestion) : (errors ?? []),
    );
  }
  const nullCondition =
    conditionNames.length === 0 ? undefined : refuseNullCondition(operation, { document, variables: coerced });
  if (nullCondition !== undefined) throw new RequestErrors('BAD_USER_INPUT', [nullCondition]);
  return coerced;
}

/** True when what was found out holds for all variables. */
function refuseTooLarge(
  { document, operation }: ReadOperation,
  variables: Readonly<Record<string, unknown>>,
  { scope, settings }: { readonly scope: PreparationScope; readonly settings: Settings },
): boolean {
  const { nodes, cost } = settings.limits;
  const { refusal, isStatic } = checkCost(operation, {
    schema: scope.engine.view.supergraphSchema,
    document,
    variables,
    nodes,
    cost,
  });
  if (refusal !== undefined) throw new RequestErrors('COST_LIMIT_EXCEEDED', [refusal]);
  return isStatic;
}

/** An operation for which there is no plan: the graph cannot answer it, or the planner cannot right now. */
function unplanned(error: PlanningError): GraphQLError {
  const isOfOperation = error.failure === 'unanswerable' || error.failure === 'invalid';
  return isOfOperation
    ? new GraphQLError(`The operation cannot be planned: ${error.message}.`, {
        extensions: { code: 'OPERATION_UNANSWERABLE' },
      })
    : new GraphQLError('The operation could not be planned. Try again.', {
        extensions: { code: 'PLANNING_FAILED' },
        originalError: error,
      });
}

function requestError(code: string, message: string): RequestErrors {
  return new RequestErrors(code, [new GraphQLError(message)]);
}

/** What a document takes in memory, parsed, and with everything that is planned and compiled of it. */
function bytesOf({ operations }: KnownDocument, query: string): number {
  let sum = documentBytes(query);
  for (const { variants } of operations.values()) sum += variants.bytes();
  return sum;
}
