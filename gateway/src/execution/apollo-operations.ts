import { ApolloServer, HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { ApolloGateway } from '@apollo/gateway';
import type { Logger } from '@orion/platform/log';
import { getVariableValues, GraphQLError } from 'graphql';
import type { Exchange, Reply } from '../http/exchange.js';
import { refuseCost } from '../security/cost-limit.js';
import { refuseNullCondition } from '../planning/refuse-null-condition.js';
import { createLimitRule } from '../security/limit-rule.js';
import { presentError } from '../security/present-error.js';
import type { Settings } from '../settings.js';
import { quietLogger } from './apollo-logger.js';
import type { Operations } from './operations.js';
import { STATEMENTS_HEADER } from './subgraph-client.js';
import type { OperationContext } from './subgraph-data-source.js';

/** Operations executed by @apollo/server on @apollo/gateway's executor. */
export async function startApolloOperations(
  gateway: ApolloGateway,
  { settings, logger }: { readonly settings: Settings; readonly logger: Logger },
): Promise<Operations> {
  const { production } = settings;
  const server = new ApolloServer<OperationContext>({
    gateway,
    introspection: settings.introspection,
    hideSchemaDetailsFromClientErrors: production,
    includeStacktraceInErrorResponses: false,
    // The stages before have done it, with messages of their own.
    csrfPrevention: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    nodeEnv: production ? 'production' : 'development',
    cache: 'bounded',
    parseOptions: { maxTokens: settings.limits.tokens },
    validationRules: [createLimitRule(settings.limits, settings.oncePerOperation)],
    logger: quietLogger(logger),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      checkVariables(settings.limits.nodes),
      presentErrors({ production, logger }),
    ],
  });
  await server.start();
  return {
    answer: (exchange) => answer(server, exchange),
    execute: async (request, caller) => {
      const response = await server.executeOperation(
        { ...request },
        { contextValue: { caller, sqlStatements: new Map() } },
      );
      if (response.body.kind !== 'single') throw new Error('an operation outside HTTP was answered in parts');
      const { errors, data, extensions } = response.body.singleResult;
      return {
        ...(errors === undefined ? {} : { errors }),
        ...(data === undefined ? {} : { data }),
        ...(extensions === undefined ? {} : { extensions }),
      };
    },
    stop: () => server.stop(),
  };
}

async function answer(server: ApolloServer<OperationContext>, exchange: Exchange): Promise<Reply> {
  const sqlStatements = new Map<string, number>();
  const headers = new HeaderMap();
  for (const [name, value] of exchange.headers) headers.set(name, value);
  const response = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: exchange.method,
      headers,
      search: exchange.search,
      body: exchange.method === 'GET' ? null : exchange.operation,
    },
    context: () => Promise.resolve({ caller: exchange.caller, sqlStatements }),
  });
  if (response.body.kind !== 'complete') throw new Error('an operation was answered in parts');
  const status = response.status ?? 200;
  const reply = {
    status,
    headers: { ...Object.fromEntries(response.headers), ...reportStatements(sqlStatements) },
    body: response.body.string,
  };
  return status >= 400 ? asSpecified(reply, exchange.requestId) : reply;
}

/** `auth=1, user=2`; nothing when no subgraph told, as in production. */
function reportStatements(statements: ReadonlyMap<string, number>): Record<string, string> {
  const report = [...statements].map(([name, count]) => `${name}=${count}`).join(', ');
  return report === '' ? {} : { [STATEMENTS_HEADER]: report };
}

/**
 * @apollo/server refuses some requests before any plugin sees them: their errors still need the request's id. And
 * https://graphql.github.io/graphql-over-http/draft/#sec-application-json: a well-formed request is answered with 200
 * under the old media type, whatever its errors, because in the old days a proxy could have answered with 400.
 */
function asSpecified(reply: Reply & { readonly body: string }, requestId: string): Reply {
  const result = JSON.parse(reply.body) as {
    readonly errors?: readonly { readonly extensions?: { code?: unknown } }[];
  };
  const errors = result.errors?.map((error) => ({ ...error, extensions: { ...error.extensions, requestId } }));
  const isWellFormed = reply.status === 400 && errors?.every(({ extensions }) => extensions.code !== 'BAD_REQUEST');
  const isOldType = reply.headers?.['content-type']?.startsWith('application/json');
  return {
    ...reply,
    status: isWellFormed && isOldType ? 200 : reply.status,
    body: JSON.stringify({ ...result, errors }),
  };
}

/** Here the variables are known, which they are not to a validation rule: its verdict is kept for the document. */
function checkVariables(nodes: number): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: ({ request, schema, document, operation }) => {
          if (operation === undefined) return Promise.resolve();
          const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
          // The executor refuses bad variables, with the reason; it never runs on them.
          if (coerced === undefined) return Promise.resolve();
          const refused =
            refuseNullCondition(operation, { document, variables: coerced }) ??
            refuseCost(operation, { schema, document, variables: coerced, nodes });
          return refused === undefined ? Promise.resolve() : Promise.reject(refused);
        },
      }),
  };
}

function presentErrors(policy: {
  readonly production: boolean;
  readonly logger: Logger;
}): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: ({ contextValue }) =>
      Promise.resolve({
        willSendResponse: ({ response, errors }) => {
          if (response.body.kind === 'single') {
            const { singleResult } = response.body;
            const all = errors ?? takeCompletionErrors(singleResult);
            const { requestId } = contextValue.caller.origin;
            if (all.length > 0) {
              singleResult.errors = all.map((error) => presentError(withOwnCode(error), { ...policy, requestId }));
            }
          }
          return Promise.resolve();
        },
      }),
  };
}

/**
 * @apollo/gateway reports a null where none may be, when no subgraph has reported an error, beside the answer as
 * `extensions.valueCompletion`. The specification knows one place for it, which is `errors`.
 */
function takeCompletionErrors(result: { extensions?: Record<string, unknown> }): readonly GraphQLError[] {
  const { valueCompletion, ...extensions } = result.extensions ?? {};
  if (!Array.isArray(valueCompletion)) return [];
  if (Object.keys(extensions).length > 0) result.extensions = extensions;
  else delete result.extensions;
  return valueCompletion as GraphQLError[];
}

/** @apollo/server gives every validation error one code; a limit's says more. */
function withOwnCode(error: GraphQLError): GraphQLError {
  const { originalError } = error;
  return originalError instanceof GraphQLError && originalError.extensions['code'] !== undefined
    ? originalError
    : error;
}
