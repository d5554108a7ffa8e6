import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
} from 'graphql';
import type { DocumentNode } from 'graphql';
import type { OperationRequest } from '../http/exchange.js';
import { refuseCost } from '../security/cost-limit.js';
import { createLimitRule } from '../security/limit-rule.js';
import type { Settings } from '../settings.js';
import type { Generation } from './generation.js';
import type { PreparedOperation } from './prepared-operation.js';
import { refuseNullCondition } from './refuse-null-condition.js';
import { resolveRootConditions } from './root-conditions.js';

export type Prepared =
  | { readonly ok: true; readonly prepared: PreparedOperation }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** Prepares an operation for what does not go through @apollo/server: streams and sockets. */
export type PrepareOperation = (request: OperationRequest, generation: Generation) => Prepared;

const SUGGESTION = / ?Did you mean(.+?)\?$/;

export function createPreparation(settings: Settings): PrepareOperation {
  const rules = [
    // It throws on a variable in a root condition; subscriptions are held to it after their conditions are decided.
    ...specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule),
    ...(settings.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    createLimitRule(settings.limits, settings.oncePerOperation),
  ];
  return (request, generation) => {
    if (request.query === undefined) return failed('BAD_REQUEST', [new GraphQLError('`query` is missing.')]);
    const document = parseDocument(request.query, settings.limits.tokens);
    if (document instanceof GraphQLError) return failed('GRAPHQL_PARSE_FAILED', [document]);
    const invalid = validate(generation.apiSchema, document, rules);
    if (invalid.length > 0)
      return failed('GRAPHQL_VALIDATION_FAILED', settings.production ? invalid.map(withoutSuggestion) : invalid);
    const operation = getOperationAST(document, request.operationName);
    if (operation === null || operation === undefined) {
      return failed('OPERATION_RESOLUTION_FAILURE', [
        new GraphQLError('The document has no operation of that name, or several and none was named.'),
      ]);
    }
    const { coerced, errors } = getVariableValues(
      generation.apiSchema,
      operation.variableDefinitions ?? [],
      request.variables ?? {},
    );
    if (coerced === undefined) return failed('BAD_USER_INPUT', errors ?? []);
    const nullCondition = refuseNullCondition(operation, { document, variables: coerced });
    if (nullCondition !== undefined) return failed('BAD_USER_INPUT', [nullCondition]);
    const tooLarge = refuseCost(operation, {
      schema: generation.apiSchema,
      document,
      variables: coerced,
      nodes: settings.limits.nodes,
    });
    if (tooLarge !== undefined) return failed('COST_LIMIT_EXCEEDED', [tooLarge]);
    const prepared = { request, generation, document, operation, variables: coerced };
    return operation.operation === OperationTypeNode.SUBSCRIPTION
      ? prepareSubscription(prepared)
      : { ok: true, prepared };
  };
}

function prepareSubscription(prepared: PreparedOperation): Prepared {
  const resolved = resolveRootConditions(prepared);
  if (resolved === null) {
    return failed('BAD_USER_INPUT', [new GraphQLError('With these variables the subscription selects nothing.')]);
  }
  const invalid = validate(prepared.generation.apiSchema, resolved.document, [SingleFieldSubscriptionsRule]);
  if (invalid.length > 0) return failed('GRAPHQL_VALIDATION_FAILED', invalid);
  return { ok: true, prepared: { ...prepared, ...resolved } };
}

function parseDocument(query: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function failed(code: string, errors: readonly GraphQLError[]): Prepared {
  return { ok: false, errors: errors.map((error) => withCode(error, code)) };
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  return rewritten(error, { message: error.message, extensions: { code, ...error.extensions } });
}

/** A suggestion tells what the schema has to somebody who is not shown the schema. */
function withoutSuggestion(error: GraphQLError): GraphQLError {
  return rewritten(error, { message: error.message.replace(SUGGESTION, ''), extensions: error.extensions });
}

function rewritten(
  { nodes, source, positions, path, originalError }: GraphQLError,
  { message, extensions }: { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> },
): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, source, positions, path, originalError, extensions });
}
