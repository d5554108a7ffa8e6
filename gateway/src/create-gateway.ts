import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@orion/platform/log';
import { createApolloGateway } from './execution/apollo-gateway.js';
import { startApolloOperations } from './execution/apollo-operations.js';
import { createSubgraphClient } from './execution/subgraph-client.js';
import { answerExchange } from './gateway.js';
import { createListener } from './http/listener.js';
import { createGenerations } from './planning/generation.js';
import { createPreparation } from './planning/prepare-operation.js';
import { createTokenVerifier } from './security/access-token.js';
import { createAuthenticator } from './security/authenticate.js';
import { createConnectionCount } from './security/connection-count.js';
import { createKeyFetcher } from './security/fetch-keys.js';
import { createRevocations, followRevocations } from './security/revocations.js';
import { settle } from './settings.js';
import type { GatewayOptions, Settings } from './settings.js';
import type { GatewayState, Parts, ReadyState } from './stage.js';
import { createSocketServer } from './subscriptions/socket-server.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import { createUpstreams } from './subscriptions/upstream.js';
import { createSupergraphKeeper } from './supergraph/supergraph-keeper.js';

/** So long a start waits for the bus; then it serves who needs no token, and the others when the bus has answered. */
const BUS_GRACE_MS = 3_000;

/** A gateway in this process. */
export interface Gateway {
  /**
   * Listens, then composes; resolves when the graph is served. Rejects with ConfigError or CompositionError for what
   * cannot work, and with the system's error for a port that cannot be had.
   */
  start(): Promise<{ readonly port: number; readonly url: string }>;
  /** Drains and closes everything, once. */
  stop(): Promise<void>;
  /** Event streams open towards subgraphs, for diagnosis. */
  openStreams(): number;
}

/** Assembles a gateway; nothing happens before `start`. */
export function createGateway(options: GatewayOptions): Gateway {
  const settings = settle(options);
  const { logger } = options;
  let state: GatewayState = { phase: 'starting' };
  const stopping = new AbortController();
  const revocations = createRevocations();
  const parts: Parts = {
    settings,
    logger,
    state: () => state,
    stopping: stopping.signal,
    revocations,
    authenticate: createAuthenticator({ verify: settings.tokens && createTokenVerifier(settings.tokens), revocations }),
    connections: createConnectionCount(settings.connections.perIp),
    fetchKeys: settings.tokens && createKeyFetcher(settings.tokens.jwksUrl),
  };
  const sockets = createSocketServer(parts);
  const listener = createListener({
    answer: (exchange) => answerExchange(exchange, parts),
    upgrade: sockets.upgrade,
    logger,
  });
  const graph = createGraph(settings, logger);
  if (options.revocationFeed === undefined) revocations.complete();
  const stopFollowing =
    options.revocationFeed === undefined
      ? undefined
      : followRevocations(revocations, { feed: options.revocationFeed, logger });

  const stop = async (): Promise<void> => {
    const last = state;
    state = { phase: 'stopping' };
    stopping.abort();
    await Promise.all([sockets.drain(settings.drainMs), listener.drain(settings.drainMs)]);
    if (last.phase === 'ready') {
      last.subscriptions.close();
      await last.operations.stop();
    }
    await graph.close();
    await stopFollowing?.();
    logger.info('stopped');
  };
  let stopped: Promise<void> | undefined;

  return {
    start: async () => {
      const port = await listener.listen(settings);
      const ready = await graph.open();
      // Stopped while it was composing: what has just been made is closed again.
      if (stopped !== undefined) {
        await ready.operations.stop();
        throw new Error('stopped before the graph was served');
      }
      state = ready;
      await Promise.race([revocations.completed, pause(BUS_GRACE_MS, stopping.signal)]);
      logger.info({ port }, 'the graph is served');
      return { port, url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}` };
    },
    stop: () => (stopped ??= stop()),
    openStreams: () => (state.phase === 'ready' ? state.subscriptions.sources() : 0),
  };
}

/** Ends early, and without an error, when the signal says so. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { ref: false, signal }).catch(() => undefined);
}

/** Everything that hangs on the supergraph: its keeper, the executors, the streams. */
function createGraph(settings: Settings, logger: Logger) {
  const client = createSubgraphClient({
    contextSecret: settings.contextSecret,
    timeoutMs: settings.subgraphTimeoutMs,
    logger,
  });
  const keeper = createSupergraphKeeper(settings.supergraph, { client, subgraphUrls: settings.subgraphUrls, logger });
  const generations = createGenerations();
  const urlOf = (name: string, routingUrl: string): string => settings.subgraphUrls[name] ?? routingUrl;
  return {
    open: async (): Promise<ReadyState> => {
      await keeper.load();
      const gateway = createApolloGateway({
        supergraphManager: keeper.manager,
        client,
        urlOf,
        production: settings.production,
        logger,
      });
      gateway.onSchemaLoadOrUpdate(({ apiSchema, coreSupergraphSdl }) =>
        generations.replace({ apiSchema, supergraphSdl: coreSupergraphSdl }),
      );
      const operations = await startApolloOperations(gateway, { settings, logger });
      const upstreams = createUpstreams({ contextSecret: settings.contextSecret, logger });
      const subscriptions = createSubscriptions({ client, upstreams, urlOf, settings, logger });
      const prepare = createPreparation(settings);
      return {
        phase: 'ready',
        operations,
        subscriptions,
        prepare: (request) => prepare(request, generations.current()),
      };
    },
    close: async () => {
      keeper.stop();
      await client.close();
    },
  };
}
