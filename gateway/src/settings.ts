import type { SupergraphManager } from '@apollo/gateway';
import type { Logger } from '@orion/platform/log';
import type { Metrics } from './observability/metrics.js';
import type { MetricsPage } from './observability/prometheus.js';
import type { Tracer } from './observability/tracing.js';
import { STANDARD_CIRCUIT } from './execution/transport/circuit-breaker.js';
import type { CircuitLimits } from './execution/transport/circuit-breaker.js';
import { forwardable } from './http/forwarded-headers.js';
import { STANDARD_PLANNER_LIMITS } from './planning/planner-limits.js';
import type { PlannerLimits } from './planning/planner-limits.js';
import type { PersistedDocumentSettings } from './security/persisted/persisted-documents.js';
import type { RateLimitSettings } from './security/rate-limit/rate-limits.js';
import type { EvaluatePolicies } from './security/authorization.js';
import type { ApiKeySource } from './security/api-keys/api-key-lookup.js';
import type { AnnouncementFeed } from './security/follow-announcements.js';
import { SENSITIVE_FIELDS, STANDARD_LIMITS } from './security/limits.js';
import type { OperationLimits } from './security/limits.js';
import type { TokenRules } from './security/access-token.js';
import type { SlowClientPolicy } from './subscriptions/event-sink.js';
import type { SubscriptionProtocol } from './subscriptions/upstreams.js';

/** Where the supergraph comes from: files are watched and reloaded; a manager of @apollo/gateway follows its own source. */
export type SupergraphSource =
  | { readonly roverConfig: string }
  | { readonly file: string }
  | { readonly sdl: string }
  | { readonly manager: SupergraphManager };

/** A folder served under a path, for instance a built GraphiQL at `/graphiql`. */
export interface Page {
  readonly path: string;
  readonly directory: string;
  /** Not among the links of the landing page: of no use without the parameters of the link that leads to it. */
  readonly isUnlisted?: boolean;
}

/** Levels at which equal queries of one identity, under way at one time, share one answer. */
export interface DedupLevels {
  /** A request to a subgraph. */
  readonly subgraph: boolean;
  /** A whole operation of a client. */
  readonly operation: boolean;
}

/** Limits of connections, of WebSockets and of event streams. */
export interface ConnectionLimits {
  /** Connections of all clients together; more are closed as they come. */
  readonly total: number;
  /** By then the headers of a request must have arrived: slow senders hold no connection. */
  readonly headersMs: number;
  /** By then a request must have arrived wholly. */
  readonly requestMs: number;
  /** So long a connection may be silent in both directions, for instance because its client does not read. */
  readonly idleMs: number;
  /**
   * How long a connection stays open after an answer, for the next request. Longer than proxies keep theirs (60 s is
   * their usual): a request on its way while this end closes would fail without an answer.
   */
  readonly keepAliveMs: number;
  /** Open WebSockets and event streams of one client address. */
  readonly perIp: number;
  /** Operations at one time on one WebSocket. */
  readonly operationsPerSocket: number;
  readonly frameBytes: number;
  /** How long a socket may stay without `connection_init`. */
  readonly initTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Events that wait for a slow client before it is dropped. */
  readonly queuedEvents: number;
}

/** What stands in the access log. */
export interface AccessLogOptions {
  /** An address is personal data. */
  readonly hasClientIp: boolean;
}

/** How subscriptions are served. */
export interface SubscriptionSettings {
  /** Subscriptions of all clients together. */
  readonly maxOpen: number;
  /** What happens to a client that has `connections.queuedEvents` events waiting when the next one comes. */
  readonly slowClients: SlowClientPolicy;
  /** How subgraphs are subscribed to, by name; `ws` for those that are not named. */
  readonly protocols: Readonly<Record<string, SubscriptionProtocol>>;
  /** Addresses of subscriptions that are not the subgraph's own, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** When a subgraph's stream breaks: connect again and mark the next event, or tell the clients and end. */
  readonly onUpstreamLoss: 'resume' | 'complete';
  /** How long a stream stays open after its last client left, for one that comes back. */
  readonly lingerMs: number;
  /** After it an event that the other subgraphs have not completed is an error. */
  readonly eventTimeoutMs: number;
}

/** What an embedder gives; `main.ts` makes it from the environment. */
export interface GatewayOptions {
  readonly supergraph: SupergraphSource;
  readonly logger: Logger;
  readonly host?: string | undefined;
  /** 0 for any free port. */
  readonly port?: number | undefined;
  /** Hides causes of errors, subgraph names, introspection and suggestions from clients. */
  readonly production?: boolean | undefined;
  readonly publicUrl?: string | undefined;
  /** Addresses that replace the supergraph's routing URLs, by subgraph name. */
  readonly subgraphUrls?: Readonly<Record<string, string>> | undefined;
  /** For a request to a subgraph, with its retries. */
  readonly subgraphTimeoutMs?: number | undefined;
  /** Most retries of a query that met a broken connection or 502, 503, 504. */
  readonly subgraphRetries?: number | undefined;
  /** Longest answer of a subgraph. */
  readonly subgraphAnswerBytes?: number | undefined;
  /** Most connections to one origin of subgraphs. */
  readonly subgraphConnections?: number | undefined;
  /** Certificates in PEM that are trusted for subgraphs, beside the public authorities. */
  readonly subgraphAuthorities?: string | undefined;
  /** When a failing subgraph is left alone for a while; false for never. */
  readonly circuitBreaker?: Partial<CircuitLimits> | false | undefined;
  /** What equal queries under way share; standard is both. */
  readonly dedup?: Partial<DedupLevels> | undefined;
  /** Client headers that subgraphs get as well, by lower-case name. */
  readonly forwardHeaders?: readonly string[] | undefined;
  /** Operations in a minute, of an address and of a user; standard is 6,000 and 1,200 in production, else none. */
  readonly rateLimits?: Partial<RateLimitSettings> | undefined;
  /** Documents that clients name instead of sending them; standard is Apollo's automatic ones, and no manifest. */
  readonly persistedDocuments?: Partial<PersistedDocumentSettings> | undefined;
  /** Without it no request is authenticated and every caller is anonymous. */
  readonly tokens?: TokenRules | undefined;
  /** Without it no signed context is sent: for subgraphs that are not ORION's. */
  readonly contextSecret?: string | undefined;
  /** Where API keys are looked up; without it a key is a token that is not good. Needs `tokens` and `contextSecret`. */
  readonly apiKeys?: Omit<ApiKeySource, 'contextSecret'> | undefined;
  /** Announces revoked sessions and keys, changed permissions and suspended users; the caller closes it after `stop`. */
  readonly revocationFeed?: AnnouncementFeed | undefined;
  /** Browser origins that may call; `*` for any. */
  readonly corsOrigins?: readonly string[] | undefined;
  readonly trustedProxyHops?: number | undefined;
  readonly introspection?: boolean | undefined;
  readonly pages?: readonly Page[] | undefined;
  /** Files of subgraphs: path that ends in a slash to the address that a file's name is appended to. */
  readonly publicFiles?: Readonly<Record<string, string>> | undefined;
  readonly maxBodyBytes?: number | undefined;
  readonly limits?: Partial<OperationLimits> | undefined;
  readonly oncePerOperation?: readonly string[] | undefined;
  readonly connections?: Partial<ConnectionLimits> | undefined;
  readonly subscriptions?: Partial<SubscriptionSettings> | undefined;
  /** How long `stop` waits for requests in flight. */
  readonly drainMs?: number | undefined;
  /** Tells which policies (`@policy`) a caller meets, beside those of its token. */
  readonly evaluatePolicies?: EvaluatePolicies | undefined;
  /** A whole operation has this long, every request to a subgraph included. */
  readonly requestTimeoutMs?: number | undefined;
  /** Memory for operations that are read, planned and compiled already. */
  readonly documentCacheBytes?: number | undefined;
  /** Labels of progressive `@override`s that are on; `percent(n)` needs no mention. */
  readonly overrideLabels?: readonly string[] | undefined;
  /** What planning may take; standard is one thread with 512 MB of heap and 10 s for an operation. */
  readonly planner?: Partial<PlannerLimits> | undefined;
  /** Counts what happens; without it nothing is counted. */
  readonly metrics?: Metrics | undefined;
  /** What `GET /metrics` answers; without it there is no such path. */
  readonly metricsPage?: (() => Promise<MetricsPage>) | undefined;
  /** Traces requests; without it nothing is traced. The caller closes it after `stop`. */
  readonly tracer?: Tracer | undefined;
  /** Logs each request at `info`: never its variables, document or tokens. */
  readonly accessLog?: AccessLogOptions | undefined;
}

/** Options with every standard filled in. */
export interface Settings {
  readonly supergraph: SupergraphSource;
  readonly host: string;
  readonly port: number;
  readonly production: boolean;
  readonly publicUrl: string;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly subgraphTimeoutMs: number;
  readonly subgraphRetries: number;
  readonly subgraphAnswerBytes: number;
  readonly subgraphConnections: number;
  readonly subgraphAuthorities: string | undefined;
  readonly circuitBreaker: CircuitLimits | undefined;
  readonly dedup: DedupLevels;
  readonly forwardHeaders: readonly string[];
  readonly rateLimits: RateLimitSettings;
  readonly persistedDocuments: PersistedDocumentSettings;
  readonly tokens: TokenRules | undefined;
  readonly apiKeys: ApiKeySource | undefined;
  readonly contextSecret: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly trustedProxyHops: number;
  readonly introspection: boolean;
  readonly pages: readonly Page[];
  readonly publicFiles: Readonly<Record<string, string>>;
  readonly maxBodyBytes: number;
  readonly limits: OperationLimits;
  readonly oncePerOperation: readonly string[];
  readonly connections: ConnectionLimits;
  readonly subscriptions: SubscriptionSettings;
  readonly drainMs: number;
  readonly evaluatePolicies: EvaluatePolicies | undefined;
  readonly requestTimeoutMs: number;
  readonly documentCacheBytes: number;
  readonly overrideLabels: readonly string[];
  readonly planner: PlannerLimits;
  readonly accessLog: AccessLogOptions | undefined;
}

const STANDARD_CONNECTIONS: ConnectionLimits = {
  total: 20_000,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 120_000,
  keepAliveMs: 65_000,
  perIp: 100,
  operationsPerSocket: 100,
  frameBytes: 256 * 1024,
  initTimeoutMs: 3_000,
  heartbeatMs: 12_000,
  queuedEvents: 256,
};

/** An address may be that of a whole office; a user is one. */
const PRODUCTION_RATES = { perIp: 6_000, perIdentity: 1_200 };
const NO_RATES = { perIp: 0, perIdentity: 0 };

const STANDARD_SUBSCRIPTIONS: SubscriptionSettings = {
  maxOpen: 50_000,
  slowClients: 'disconnect',
  protocols: {},
  urls: {},
  onUpstreamLoss: 'resume',
  lingerMs: 500,
  eventTimeoutMs: 30_000,
};

/** Fills in what the embedder left out. Production is closed by default, development open. */
export function settle(options: GatewayOptions): Settings {
  const production = options.production ?? false;
  return {
    supergraph: options.supergraph,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 4000,
    production,
    publicUrl: options.publicUrl ?? 'http://localhost:4000',
    subgraphUrls: options.subgraphUrls ?? {},
    subgraphTimeoutMs: options.subgraphTimeoutMs ?? 10_000,
    subgraphRetries: options.subgraphRetries ?? 1,
    subgraphAnswerBytes: options.subgraphAnswerBytes ?? 64 * 1024 * 1024,
    subgraphConnections: options.subgraphConnections ?? 256,
    subgraphAuthorities: options.subgraphAuthorities,
    circuitBreaker: options.circuitBreaker === false ? undefined : { ...STANDARD_CIRCUIT, ...options.circuitBreaker },
    dedup: { subgraph: true, operation: true, ...options.dedup },
    forwardHeaders: forwardable(options.forwardHeaders ?? []),
    rateLimits: { ...(production ? PRODUCTION_RATES : NO_RATES), ...options.rateLimits },
    persistedDocuments: { only: false, automatic: true, ...options.persistedDocuments },
    tokens: options.tokens,
    apiKeys: apiKeySource(options),
    contextSecret: options.contextSecret,
    corsOrigins: options.corsOrigins ?? (production ? [] : ['*']),
    trustedProxyHops: options.trustedProxyHops ?? 0,
    introspection: options.introspection ?? !production,
    pages: options.pages ?? [],
    publicFiles: options.publicFiles ?? {},
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    limits: { ...STANDARD_LIMITS, ...options.limits },
    oncePerOperation: options.oncePerOperation ?? SENSITIVE_FIELDS,
    connections: { ...STANDARD_CONNECTIONS, ...options.connections },
    subscriptions: { ...STANDARD_SUBSCRIPTIONS, ...options.subscriptions },
    drainMs: options.drainMs ?? (production ? 10_000 : 1_500),
    evaluatePolicies: options.evaluatePolicies,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    documentCacheBytes: options.documentCacheBytes ?? 64 * 1024 * 1024,
    overrideLabels: options.overrideLabels ?? [],
    planner: { ...STANDARD_PLANNER_LIMITS, ...options.planner },
    accessLog: options.accessLog,
  };
}

function apiKeySource({ apiKeys, contextSecret }: GatewayOptions): ApiKeySource | undefined {
  if (apiKeys === undefined) return undefined;
  if (contextSecret === undefined) throw new TypeError('apiKeys needs contextSecret: its subgraph answers nobody else');
  return { ...apiKeys, contextSecret };
}
