import { createSubgraphClient } from '../execution/subgraph-client.js';
import type { SubgraphClient, SubgraphClientOptions } from '../execution/subgraph-client.js';
import type { SubgraphCall } from '../execution/subgraph-call.js';
import { NO_METRICS } from '../observability/metrics.js';
import { anonymousCaller } from '../security/caller.js';
import { testLogger } from './test-gateway.js';

/** A client with everything switched off that a test does not ask for. */
export function createTestSubgraphClient(options: Partial<SubgraphClientOptions> = {}): SubgraphClient {
  return createSubgraphClient({
    contextSecret: undefined,
    timeoutMs: 5_000,
    retries: 0,
    answerBytes: 1024 * 1024,
    circuitBreaker: undefined,
    dedup: false,
    connections: 64,
    certificateAuthorities: undefined,
    logger: testLogger,
    metrics: NO_METRICS,
    ...options,
  });
}

/** An anonymous query for the subgraph `test`, without a deadline of its own. */
export function callTo(url: string, changes: Partial<SubgraphCall> = {}): SubgraphCall {
  return {
    subgraph: { name: 'test', url },
    body: '{"query":"{ me { id } }"}',
    kind: 'query',
    caller: anonymousCaller({ requestId: 'request-number-1', clientIp: '192.0.2.1', userAgent: 'tester' }),
    deadline: Infinity,
    ...changes,
  };
}
