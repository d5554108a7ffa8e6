import type { Logger } from '@orion/platform/log';
import type { Operations } from './execution/operations.js';
import type { Exchange, Reply } from './http/exchange.js';
import type { Metrics } from './observability/metrics.js';
import type { MetricsPage } from './observability/prometheus.js';
import type { Tracer } from './observability/tracing.js';
import type { PrepareOperation } from './planning/prepared-operation.js';
import type { ConnectionCount } from './security/connection-count.js';
import type { Authenticate } from './security/authenticate.js';
import type { FetchKeys } from './security/fetch-keys.js';
import type { PersistedDocuments } from './security/persisted/persisted-documents.js';
import type { RateLimits } from './security/rate-limit/rate-limits.js';
import type { Revocations } from './security/revocations.js';
import type { UserAccess } from './security/user-access.js';
import type { Settings } from './settings.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';

/** Where the gateway stands in its life. */
export type GatewayState = { readonly phase: 'starting' } | ReadyState | { readonly phase: 'stopping' };

/** The graph is served. */
export interface ReadyState {
  readonly phase: 'ready';
  readonly operations: Operations;
  readonly subscriptions: Subscriptions;
  /** Prepares an operation on the newest supergraph. */
  readonly prepare: PrepareOperation;
}

/** What stages work with; the same for every request. */
export interface Parts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly state: () => GatewayState;
  /** Aborted when the gateway begins to stop: what would stay open ends itself. */
  readonly stopping: AbortSignal;
  readonly authenticate: Authenticate;
  readonly revocations: Revocations;
  readonly users: UserAccess;
  readonly connections: ConnectionCount;
  readonly rateLimits: RateLimits;
  readonly documents: PersistedDocuments;
  /** Undefined when no tokens are verified. */
  readonly fetchKeys: FetchKeys | undefined;
  readonly metrics: Metrics;
  /** Undefined when `/metrics` is not served on the gateway's own port. */
  readonly metricsPage: (() => Promise<MetricsPage>) | undefined;
  /** Undefined when nothing is traced. */
  readonly tracer: Tracer | undefined;
}

/** One step of a request: it replies and ends the exchange, or returns undefined and lets the next step run. */
export type Stage = (exchange: Exchange, parts: Parts) => Promise<Reply | undefined> | Reply | undefined;
