import type { Logger } from '@orion/platform/log';
import type { Metrics } from '../observability/metrics.js';
import type { SubgraphAddress, SubgraphAnswer, SubgraphCall } from './subgraph-call.js';
import type { CircuitLimits } from './transport/circuit-breaker.js';
import { createDeadlines } from './transport/deadlines.js';
import { createPools } from './transport/pools.js';
import { createRoute } from './transport/route.js';
import type { Route } from './transport/route.js';
import { subrequestError, TransportFailure } from './transport/transport-failure.js';

export { STATEMENTS_HEADER } from './transport/delivery.js';

/** Sends requests to subgraphs. */
export interface SubgraphClient {
  /** Rejects with a GraphQLError with a `SUBREQUEST_*` code that names the subgraph. */
  send(call: SubgraphCall): Promise<SubgraphAnswer>;
  /** Drops every connection; requests under way are rejected. */
  close(): Promise<void>;
}

export interface SubgraphClientOptions {
  /** Signs who is calling; undefined for subgraphs that are not to be told. */
  readonly contextSecret: string | undefined;
  /** For a call with its retries. */
  readonly timeoutMs: number;
  /** Most retries of a query; mutations are never sent twice. */
  readonly retries: number;
  /** Longest answer. */
  readonly answerBytes: number;
  /** Undefined for none. */
  readonly circuitBreaker: CircuitLimits | undefined;
  /** Equal queries of one identity that are under way at one time are sent once. */
  readonly dedup: boolean;
  /** Most connections to one origin. */
  readonly connections: number;
  /** Certificates in PEM that are trusted beside the public authorities. */
  readonly certificateAuthorities: string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The one way from the gateway to its subgraphs. */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { connections, certificateAuthorities, timeoutMs } = options;
  const pools = createPools({ connections, connectTimeoutMs: timeoutMs, certificateAuthorities });
  const routeOptions = { ...options, pools, deadlines: createDeadlines() };
  const routes = new Map<string, Route>();
  /** By the very address: an operation asks with the same one each time. */
  const known = new WeakMap<SubgraphAddress, Route>();

  const routeTo = (address: SubgraphAddress): Route => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const key = `${address.name} ${address.url}`;
    const route = routes.get(key) ?? createRoute(address, routeOptions);
    routes.set(key, route);
    known.set(address, route);
    return route;
  };

  return {
    send: (call) => {
      try {
        return routeTo(call.subgraph).send(call);
      } catch (error) {
        return Promise.reject(
          error instanceof TransportFailure ? subrequestError(call.subgraph.name, error) : (error as Error),
        );
      }
    },
    close: () => pools.close(),
  };
}
