import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@orion/platform/log';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { SubgraphAddress, SubgraphErrorJson } from '../execution/subgraph-call.js';
import { identityOf } from '../security/caller.js';
import type { Caller } from '../security/caller.js';
import { isFinalStatus, RECONNECT_ATTEMPTS, waitBefore } from './reconnect.js';
import { eventIn, malformed, refusalIn } from './upstream-answer.js';
import { trustedAuthorities } from './upstream-authorities.js';
import { upstreamHeaders } from './upstream-headers.js';
import type { Upstreams, UpstreamSink } from './upstreams.js';

const ACK_TIMEOUT_MS = 5_000;
const PING_MS = 10_000;
const PONG_TIMEOUT_MS = 5_000;
const LEAST_BETWEEN_MS = 100;

/**
 * The library takes its own listener off a socket that it terminates. One that is still connecting then reports its end
 * as an error, and an error that nobody listens to ends the process.
 */
function socketTrusting(certificateAuthorities: string | undefined) {
  const options = trustedAuthorities(certificateAuthorities);
  return class UpstreamSocket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, options);
      this.on('error', () => undefined);
    }
  };
}

interface Shared {
  readonly client: Client;
  readonly streams: Set<UpstreamSink>;
}

/** Streams over graphql-transport-ws: one socket for each subgraph and identity, shared by its streams. */
export function createSocketUpstreams({
  contextSecret,
  certificateAuthorities,
  logger,
}: {
  readonly contextSecret: string | undefined;
  readonly certificateAuthorities: string | undefined;
  readonly logger: Logger;
}): Upstreams {
  const UpstreamSocket = socketTrusting(certificateAuthorities);
  const shared = new Map<string, Shared>();

  const connect = (subgraph: SubgraphAddress, caller: Caller): Shared => {
    const streams = new Set<UpstreamSink>();
    /** Streams that were open when the connection broke; those that came later have missed nothing. */
    const broken = new Set<UpstreamSink>();
    let isConnected = false;
    let pongTimeout: NodeJS.Timeout | undefined;
    let connectedAt = -Infinity;
    /** A subgraph that closes each socket in good order is connected to again without a wait by the library. */
    const pace = async (): Promise<void> => {
      const early = connectedAt + LEAST_BETWEEN_MS - performance.now();
      if (early > 0) await wait(early, undefined, { ref: false });
      connectedAt = performance.now();
    };
    const client = createClient({
      url: async () => {
        await pace();
        return socketUrl(subgraph.url);
      },
      webSocketImpl: UpstreamSocket,
      // Signed at each connection: a statement lives for a minute, a socket longer.
      connectionParams: async () => {
        const headers = await upstreamHeaders(caller, { secret: contextSecret, subgraph: subgraph.name, body: '' });
        return Object.keys(headers).length === 0 ? undefined : headers;
      },
      connectionAckWaitTimeout: ACK_TIMEOUT_MS,
      keepAlive: PING_MS,
      retryAttempts: RECONNECT_ATTEMPTS,
      retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, waitBefore(attempt)).unref()),
      // A refused connection is no close event, and worth another try as well.
      // What breaks the protocol once breaks it again: each try would be a success until then, and never the last one.
      shouldRetry: (reason) => !(reason instanceof Error) && !isFinalStatus(statusOf(reason) ?? 0),
      on: {
        connecting: (isRetry) => {
          if (isRetry) logger.warn({ subgraph: subgraph.name }, 'event stream of a subgraph is lost: connecting again');
        },
        connected: () => {
          isConnected = true;
          for (const sink of broken) if (streams.has(sink)) sink.resumed();
          broken.clear();
        },
        ping: (isReceived) => {
          if (!isReceived) pongTimeout = setTimeout(() => client.terminate(), PONG_TIMEOUT_MS);
        },
        pong: (isReceived) => {
          if (isReceived) clearTimeout(pongTimeout);
        },
        closed: () => {
          clearTimeout(pongTimeout);
          if (!isConnected) return;
          isConnected = false;
          for (const sink of [...streams]) {
            broken.add(sink);
            sink.lost();
          }
        },
      },
    });
    return { client, streams };
  };

  return {
    open: ({ subgraph, operation, caller }, sink) => {
      const key = JSON.stringify([subgraph.name, subgraph.url, identityOf(caller)]);
      const entry = shared.get(key) ?? connect(subgraph, caller);
      shared.set(key, entry);
      entry.streams.add(sink);
      /** False when the stream was left already. */
      const release = (): boolean => {
        if (!entry.streams.delete(sink)) return false;
        // The client closes its socket by itself when its last stream ends.
        if (entry.streams.size === 0 && shared.get(key) === entry) shared.delete(key);
        return true;
      };
      const dispose = entry.client.subscribe(
        {
          query: operation.query,
          operationName: operation.operationName ?? null,
          variables: { ...operation.variables },
        },
        {
          next: (answer) => {
            if (entry.streams.has(sink)) sink.event(eventIn(answer, subgraph));
          },
          error: (error) => {
            if (!release()) return;
            const errors = asErrors(error, subgraph);
            logger.warn(
              { subgraph: subgraph.name, url: subgraph.url, reason: errors[0]?.message },
              'event stream of a subgraph failed',
            );
            sink.failed(errors);
          },
          complete: () => {
            if (release()) sink.completed();
          },
        },
      );
      return () => {
        if (release()) dispose();
      };
    },
    close: () => {
      for (const { client, streams } of shared.values()) {
        streams.clear();
        // Disposed first, so that the terminated connection is not opened again. What is still connecting rejects.
        Promise.resolve(client.dispose()).catch((error: unknown) =>
          logger.debug({ err: error }, 'a stream had no socket'),
        );
        client.terminate();
      }
      shared.clear();
    },
  };
}

function socketUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}

/** `ws` tells the status of a refused handshake in words only. */
function statusOf(reason: unknown): number | undefined {
  const { message } = reason as { readonly message?: unknown };
  const match = typeof message === 'string' ? /^Unexpected server response: (\d{3})$/.exec(message) : null;
  return match === null ? undefined : Number(match[1]);
}

function asErrors(error: unknown, subgraph: SubgraphAddress): readonly SubgraphErrorJson[] {
  if (Array.isArray(error)) return refusalIn(error, subgraph);
  // The library rejects with an error, instead of an event, for a message that it cannot read.
  if (error instanceof Error)
    return [malformed(subgraph, `broke the protocol of its event stream: ${describe(error)}`)];
  const { name, url } = subgraph;
  const status = statusOf(error);
  const message =
    status === undefined || !isFinalStatus(status)
      ? `The event stream of the subgraph "${name}" was lost: ${describe(error)}.`
      : `The subgraph "${name}" refuses a WebSocket at ${socketUrl(url)} with HTTP ${status}: ` +
        'name its address in SUBSCRIPTION_URLS, or its protocol in SUBSCRIPTION_PROTOCOLS.';
  return [{ message, extensions: { code: 'SUBREQUEST_WS_ERROR', serviceName: name } }];
}

function describe(error: unknown): string {
  const { code, reason, message } = error as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly message?: unknown;
  };
  if (typeof message === 'string' && message !== '') return message;
  return [code, reason].filter((part) => part !== undefined && part !== '').join(' ') || 'the connection broke';
}
