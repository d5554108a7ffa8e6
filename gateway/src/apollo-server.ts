import type { ApolloServerOptionsWithGateway, BaseContext } from '@apollo/server';
import type { Viewer } from '@orion/platform/identity';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { createGraph } from './graph.js';
import { forwardedHeaders } from './http/forwarded-headers.js';
import { requestIdOf, traceparentOf } from './http/name-request.js';
import { Refusal } from './http/refusal.js';
import { NO_METRICS } from './observability/metrics.js';
import { anonymousCaller } from './security/caller.js';
import type { Caller } from './security/caller.js';
import { settle } from './settings.js';
import type { GatewayOptions } from './settings.js';
import type { ReadyState } from './stage.js';

/** What `new ApolloServer({ gateway })` takes. */
export type ApolloServerGateway = ApolloServerOptionsWithGateway<BaseContext>['gateway'];

type Executor = NonNullable<Awaited<ReturnType<ApolloServerGateway['load']>>['executor']>;
type ApolloRequest = Parameters<Executor>[0];

/** Who is behind an operation. The subgraphs are told of it in the signed context, and authorisation goes by it. */
export interface ApolloIdentity {
  readonly viewer?: Viewer | null;
  readonly clientIp?: string | null;
  /** For `@requiresScopes`. */
  readonly scopes?: readonly string[];
  /** For `@policy`. */
  readonly policies?: readonly string[];
}

/** The options of a gateway that concern its engine: the way in is the server's own. */
export type ApolloServerGatewayOptions<Context extends BaseContext> = Pick<
  GatewayOptions,
  | 'supergraph'
  | 'logger'
  | 'production'
  | 'introspection'
  | 'subgraphUrls'
  | 'subgraphTimeoutMs'
  | 'subgraphRetries'
  | 'subgraphAnswerBytes'
  | 'subgraphConnections'
  | 'subgraphAuthorities'
  | 'circuitBreaker'
  | 'dedup'
  | 'forwardHeaders'
  | 'contextSecret'
  | 'limits'
  | 'oncePerOperation'
  | 'evaluatePolicies'
  | 'requestTimeoutMs'
  | 'documentCacheBytes'
  | 'overrideLabels'
  | 'planner'
  | 'metrics'
> & {
  /** Reads the caller from the context that the server made; without it every caller is anonymous. */
  readonly identify?: ((context: Context) => ApolloIdentity | Promise<ApolloIdentity>) | undefined;
};

/**
 * The gateway's engine as a `gateway` of @apollo/server 5, for those who want its plugins, its landing page or
 * `executeOperation` and have the time for its pipeline. Queries and mutations; subscriptions need `createGateway`.
 * Tokens are the server's business (`context`), and so is whether to introspect: nothing is refused here that it lets pass.
 */
export function createApolloServerGateway<Context extends BaseContext = BaseContext>(
  options: ApolloServerGatewayOptions<Context>,
): ApolloServerGateway {
  const { identify, ...engine } = options;
  const settings = settle({ introspection: true, ...engine });
  const graph = createGraph(settings, { logger: options.logger, metrics: options.metrics ?? NO_METRICS });
  let ready: ReadyState | undefined;

  const callerOf = async ({ request, context }: ApolloRequest): Promise<Caller> => {
    const headerOf = (name: string): string | undefined => request.http?.headers.get(name) ?? undefined;
    const identity = (await identify?.(context as Context)) ?? {};
    const origin = {
      requestId: requestIdOf(headerOf('x-request-id')),
      clientIp: identity.clientIp ?? null,
      userAgent: headerOf('user-agent') ?? null,
    };
    const caller = anonymousCaller(origin, traceparentOf(headerOf('traceparent')));
    return {
      ...caller,
      origin: { ...caller.origin, viewer: identity.viewer ?? null },
      scopes: identity.scopes ?? caller.scopes,
      policies: identity.policies ?? caller.policies,
      forwarded: forwardedHeaders(headerOf, settings.forwardHeaders),
    };
  };

  const execute: Executor = async (asked) => {
    if (ready === undefined) throw new Error('an operation before the supergraph was loaded');
    const { source: query, operationName, request } = asked;
    try {
      const { errors, ...result } = await ready.operations.execute(
        {
          query,
          ...(operationName === null ? {} : { operationName }),
          ...(request.variables === undefined ? {} : { variables: request.variables }),
        },
        await callerOf(asked),
      );
      return errors === undefined ? result : { ...result, errors: asErrors(errors, result.data === undefined) };
    } catch (error) {
      throw error instanceof Refusal ? withStatus(error.toGraphQLError(), error.status) : error;
    }
  };

  return {
    onSchemaLoadOrUpdate: (listener) =>
      graph.onChange(({ view, supergraphSdl }) =>
        listener({ apiSchema: view.apiSchema, coreSupergraphSdl: supergraphSdl }),
      ),
    load: async () => {
      try {
        ready = await graph.open();
        return { executor: execute };
      } catch (error) {
        await graph.close();
        throw error;
      }
    },
    stop: async () => {
      ready?.subscriptions.close();
      await graph.close();
    },
  };
}

/** Errors as the server's plugins know them. Without data the operation was not executed: the request was wrong. */
function asErrors(errors: readonly GraphQLFormattedError[], isRefused: boolean): GraphQLError[] {
  return errors.map(({ message, path, extensions }) => {
    const error = new GraphQLError(message, { path, extensions });
    return isRefused ? withStatus(error, 400) : error;
  });
}

/** @apollo/server takes the status of the whole answer from there, and does not show it. */
function withStatus({ message, path, extensions }: GraphQLError, status: number): GraphQLError {
  return new GraphQLError(message, { path, extensions: { ...extensions, http: { status } } });
}
