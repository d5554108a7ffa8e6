import cluster from 'node:cluster';
import { eventLogOf } from '@orion/platform/config';
import { createTransport } from '@orion/platform/events';
import type { EventTransport } from '@orion/platform/events';
import type { RunningService } from '@orion/platform/lifecycle';
import { createLogger } from '@orion/platform/log';
import type { Logger } from '@orion/platform/log';
import type { GatewayConfig } from './config.js';
import { createGateway } from './create-gateway.js';
import { mountedPages } from './mounted-pages.js';
import { openObservability } from './observability/open-observability.js';
import type { GatewayOptions, SupergraphSource } from './settings.js';

/** Starts the gateway as its process does: the configuration's event feed, then the gateway. */
export async function startFromConfig(config: GatewayConfig): Promise<RunningService> {
  const logger = workerLogger(createLogger('gateway', { level: config.LOG_LEVEL }));
  if (config.JWKS_URL === undefined) logger.warn('JWKS_URL is not set: every request is anonymous');
  const options = optionsOf(config);
  const { metrics, metricsPage, tracer, close } = await openObservability(config, logger);
  const feed = openFeed(config, logger);
  const gateway = createGateway({ ...options, logger, revocationFeed: feed, metrics, metricsPage, tracer });
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await Promise.all([feed?.close(), close()]);
  };
  try {
    const { port } = await gateway.start();
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Lines of several workers come out of one pipe. */
function workerLogger(logger: Logger): Logger {
  return cluster.worker === undefined ? logger : logger.child({ worker: cluster.worker.id });
}

function optionsOf(
  config: GatewayConfig,
): Omit<GatewayOptions, 'logger' | 'revocationFeed' | 'metrics' | 'metricsPage' | 'tracer'> {
  return {
    supergraph: sourceOf(config),
    host: config.HOST,
    port: config.PORT,
    production: config.NODE_ENV === 'production',
    publicUrl: config.PUBLIC_URL,
    subgraphUrls: config.SUBGRAPH_URLS,
    subgraphTimeoutMs: config.SUBGRAPH_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    documentCacheBytes: config.DOCUMENT_CACHE_BYTES,
    overrideLabels: config.OVERRIDE_LABELS,
    subgraphRetries: config.SUBGRAPH_RETRIES,
    subgraphAnswerBytes: config.SUBGRAPH_ANSWER_BYTES,
    subgraphConnections: config.SUBGRAPH_CONNECTIONS,
    circuitBreaker: config.CIRCUIT_BREAKER ? undefined : false,
    dedup: {
      subgraph: config.DEDUP === 'subgraph' || config.DEDUP === 'both',
      operation: config.DEDUP === 'operation' || config.DEDUP === 'both',
    },
    forwardHeaders: config.FORWARD_HEADERS,
    tokens:
      config.JWKS_URL === undefined
        ? undefined
        : {
            jwksUrl: config.JWKS_URL,
            issuer: config.JWT_ISSUER ?? config.PUBLIC_URL,
            audience: config.JWT_AUDIENCE,
            profile: config.JWT_PROFILE,
          },
    apiKeys:
      config.API_KEYS_URL === undefined ? undefined : { url: config.API_KEYS_URL, subgraph: config.API_KEYS_SUBGRAPH },
    contextSecret: config.ORION_CONTEXT_SECRET,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
    introspection: config.INTROSPECTION,
    pages: mountedPages(config),
    publicFiles: config.PUBLIC_FILES,
    maxBodyBytes: config.MAX_BODY_BYTES,
    limits: {
      tokens: config.MAX_DOCUMENT_TOKENS,
      depth: config.MAX_DEPTH,
      aliases: config.MAX_ALIASES,
      rootFields: config.MAX_ROOT_FIELDS,
      selections: config.MAX_SELECTIONS,
      directives: config.MAX_DIRECTIVES,
      nodes: config.MAX_NODES,
      cost: config.MAX_COST,
    },
    persistedDocuments: {
      file: config.PERSISTED_DOCUMENTS,
      only: config.PERSISTED_DOCUMENTS_ONLY,
      automatic: config.AUTOMATIC_PERSISTED_QUERIES,
    },
    rateLimits: ratesOf(config),
    oncePerOperation: config.ONCE_PER_OPERATION,
    planner: {
      threads: config.PLANNER_THREADS,
      planTimeoutMs: config.PLAN_TIMEOUT_MS,
      heapMb: config.PLANNER_HEAP_MB,
    },
    connections: {
      total: config.MAX_CONNECTIONS,
      perIp: config.MAX_CONNECTIONS_PER_IP,
      operationsPerSocket: config.MAX_OPERATIONS_PER_SOCKET,
      frameBytes: config.MAX_FRAME_BYTES,
      queuedEvents: config.MAX_QUEUED_EVENTS,
    },
    subscriptions: {
      maxOpen: config.MAX_SUBSCRIPTIONS,
      slowClients: config.SLOW_CLIENTS,
      protocols: config.SUBSCRIPTION_PROTOCOLS,
      urls: config.SUBSCRIPTION_URLS,
      onUpstreamLoss: config.ON_UPSTREAM_LOSS,
      lingerMs: config.SUBSCRIPTION_LINGER_MS,
      eventTimeoutMs: config.EVENT_TIMEOUT_MS,
    },
    accessLog: config.ACCESS_LOG ? { hasClientIp: config.ACCESS_LOG_CLIENT_IP } : undefined,
  };
}

/** Only what is set: the gateway knows the standards. */
function ratesOf(config: GatewayConfig): GatewayOptions['rateLimits'] {
  return {
    ...(config.RATE_LIMIT_PER_IP === undefined ? {} : { perIp: config.RATE_LIMIT_PER_IP }),
    ...(config.RATE_LIMIT_PER_IDENTITY === undefined ? {} : { perIdentity: config.RATE_LIMIT_PER_IDENTITY }),
    redisUrl: config.REDIS_URL,
  };
}

function sourceOf(config: GatewayConfig): SupergraphSource {
  if (config.ROVER_CONFIG !== undefined) return { roverConfig: config.ROVER_CONFIG };
  if (config.SUPERGRAPH !== undefined) return { file: config.SUPERGRAPH };
  throw new Error('the configuration names no supergraph');
}

function openFeed(config: GatewayConfig, logger: Logger): EventTransport | undefined {
  if (config.BUS_DATABASE_URL === undefined && config.KAFKA_BROKERS === undefined) return undefined;
  return createTransport({ ...eventLogOf(config), clientId: 'orion-gateway', logger });
}
