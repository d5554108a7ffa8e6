import { setTimeout as wait } from 'node:timers/promises';
import { answerExchange } from './gateway.js';
import { createGraph } from './graph.js';
import { createListener } from './http/listener.js';
import { NO_METRICS } from './observability/metrics.js';
import { createReport } from './observability/report-exchange.js';
import { createTokenVerifier } from './security/access-token.js';
import { createAuthenticator } from './security/authenticate.js';
import { createConnectionCount } from './security/connection-count.js';
import { createKeyFetcher } from './security/fetch-keys.js';
import { createPersistedDocuments } from './security/persisted/persisted-documents.js';
import { createRateLimits } from './security/rate-limit/rate-limits.js';
import { createApiKeyLookup } from './security/api-keys/api-key-lookup.js';
import { createApiKeys } from './security/api-keys/api-keys.js';
import { followAnnouncements } from './security/follow-announcements.js';
import { readKeyRotations } from './security/key-rotations.js';
import { createRevocations, readRevocations } from './security/revocations.js';
import { createUserAccess, readUserAccess } from './security/user-access.js';
import { settle } from './settings.js';
import type { GatewayOptions } from './settings.js';
import type { GatewayState, Parts } from './stage.js';
import { createSocketServer } from './subscriptions/socket-server.js';

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
  const users = createUserAccess();
  const apiKeys =
    settings.apiKeys &&
    createApiKeys({
      lookUp: createApiKeyLookup(settings.apiKeys),
      users,
      isAnnounced: options.revocationFeed !== undefined,
    });
  const verify = settings.tokens && createTokenVerifier(settings.tokens);
  const parts: Parts = {
    settings,
    logger,
    state: () => state,
    stopping: stopping.signal,
    revocations,
    users,
    authenticate: createAuthenticator({
      verify,
      apiKeys,
      revocations,
      users,
    }),
    connections: createConnectionCount(settings.connections.perIp),
    rateLimits: createRateLimits(settings.rateLimits, logger),
    documents: createPersistedDocuments(settings.persistedDocuments),
    fetchKeys: settings.tokens && createKeyFetcher(settings.tokens.jwksUrl),
    metrics: options.metrics ?? NO_METRICS,
    metricsPage: options.metricsPage,
    tracer: options.tracer,
  };
  const sockets = createSocketServer(parts);
  const listener = createListener({
    answer: (exchange) => answerExchange(exchange, parts),
    upgrade: sockets.upgrade,
    report: createReport({ metrics: parts.metrics, accessLog: settings.accessLog, logger }),
    limits: settings.connections,
    logger,
  });
  const graph = createGraph(settings, parts);
  const readers = [readRevocations(revocations), readUserAccess(users), readKeyRotations(() => verify?.forgetKeys())];
  if (options.revocationFeed === undefined) revocations.complete();
  const stopFollowing =
    options.revocationFeed === undefined
      ? undefined
      : followAnnouncements(readers, {
          feed: options.revocationFeed,
          logger,
          onCaughtUp: revocations.complete,
        });

  const stop = async (): Promise<void> => {
    const last = state;
    state = { phase: 'stopping' };
    stopping.abort();
    await Promise.all([sockets.drain(settings.drainMs), listener.drain(settings.drainMs)]);
    if (last.phase === 'ready') last.subscriptions.close();
    await graph.close();
    await stopFollowing?.();
    apiKeys?.close();
    await parts.rateLimits.close();
    logger.info('stopped');
  };
  let stopped: Promise<void> | undefined;

  return {
    start: async () => {
      await parts.documents.load();
      const port = await listener.listen(settings);
      const ready = await graph.open();
      // Stopped while it was composing: what has just been made is closed again.
      if (stopped !== undefined) throw new Error('stopped before the graph was served');
      state = ready;
      await Promise.race([revocations.completed, pause(BUS_GRACE_MS, stopping.signal)]);
      logger.info({ port }, 'the graph is served');
      return { port, url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}` };
    },
    stop: () => (stopped ??= stop()),
    openStreams: () => (state.phase === 'ready' ? state.subscriptions.streams() : 0),
  };
}

/** Ends early, and without an error, when the signal says so. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { ref: false, signal }).catch(() => undefined);
}
