import { createTransport } from '@orion/platform/events';
import type { EventTransport } from '@orion/platform/events';
import type { RunningService } from '@orion/platform/lifecycle';
import { createLogger } from '@orion/platform/log';
import type { Logger } from '@orion/platform/log';
import type { GatewayConfig } from './config.js';
import { createGateway } from './create-gateway.js';
import { mountedPages } from './mounted-pages.js';
import type { GatewayOptions, SupergraphSource } from './settings.js';

/** Starts the gateway as its process does: the configuration's event feed, then the gateway. */
export async function startFromConfig(config: GatewayConfig): Promise<RunningService> {
  const logger = createLogger('gateway', { level: config.LOG_LEVEL });
  if (config.JWKS_URL === undefined) logger.warn('JWKS_URL is not set: every request is anonymous');
  const options = optionsOf(config);
  const feed = openFeed(config, logger);
  const gateway = createGateway({ ...options, logger, revocationFeed: feed });
  try {
    const { port } = await gateway.start();
    return {
      port,
      stop: async () => {
        await gateway.stop();
        await feed?.close();
      },
    };
  } catch (error) {
    await gateway.stop();
    await feed?.close();
    throw error;
  }
}

function optionsOf(config: GatewayConfig): Omit<GatewayOptions, 'logger' | 'revocationFeed'> {
  return {
    supergraph: sourceOf(config),
    host: config.HOST,
    port: config.PORT,
    production: config.NODE_ENV === 'production',
    publicUrl: config.PUBLIC_URL,
    subgraphUrls: config.SUBGRAPH_URLS,
    subgraphTimeoutMs: config.SUBGRAPH_TIMEOUT_MS,
    tokens:
      config.JWKS_URL === undefined
        ? undefined
        : { jwksUrl: config.JWKS_URL, issuer: config.JWT_ISSUER ?? config.PUBLIC_URL, audience: config.JWT_AUDIENCE },
    contextSecret: config.ORION_CONTEXT_SECRET,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxyHops: config.TRUSTED_PROXY_HOPS,
    introspection: config.INTROSPECTION,
    pages: mountedPages(config),
    maxBodyBytes: config.MAX_BODY_BYTES,
    limits: {
      tokens: config.MAX_DOCUMENT_TOKENS,
      depth: config.MAX_DEPTH,
      aliases: config.MAX_ALIASES,
      rootFields: config.MAX_ROOT_FIELDS,
      selections: config.MAX_SELECTIONS,
      directives: config.MAX_DIRECTIVES,
      nodes: config.MAX_NODES,
    },
    oncePerOperation: config.ONCE_PER_OPERATION,
    connections: {
      perIp: config.MAX_CONNECTIONS_PER_IP,
      operationsPerSocket: config.MAX_OPERATIONS_PER_SOCKET,
      frameBytes: config.MAX_FRAME_BYTES,
    },
  };
}

function sourceOf(config: GatewayConfig): SupergraphSource {
  if (config.ROVER_CONFIG !== undefined) return { roverConfig: config.ROVER_CONFIG };
  if (config.SUPERGRAPH !== undefined) return { file: config.SUPERGRAPH };
  throw new Error('the configuration names no supergraph');
}

function openFeed(config: GatewayConfig, logger: Logger): EventTransport | undefined {
  if (config.BUS_DATABASE_URL === undefined && config.KAFKA_BROKERS === undefined) return undefined;
  return createTransport({
    busDatabaseUrl: config.BUS_DATABASE_URL,
    kafkaBrokers: config.KAFKA_BROKERS,
    clientId: 'orion-gateway',
    logger,
  });
}
