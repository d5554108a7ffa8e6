import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import type { Logger } from '@orion/platform/log';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type {
  SubgraphAddress,
  SubgraphAnswer,
  SubgraphErrorJson,
  SubgraphRequest,
} from '../execution/subgraph-client.js';
import { identityOf } from '../security/caller.js';
import type { Caller } from '../security/caller.js';

/** What a stream of a subgraph reports. After `failed` or `completed` nothing comes. */
export interface UpstreamSink {
  readonly event: (answer: SubgraphAnswer) => void;
  readonly failed: (errors: readonly SubgraphErrorJson[]) => void;
  readonly completed: () => void;
}

/** Streams from subgraphs over graphql-transport-ws: one socket for each subgraph and identity, shared by its streams. */
export interface Upstreams {
  /** Returns how to end the stream. */
  open(
    subgraph: SubgraphAddress,
    operation: SubgraphRequest,
    listener: { readonly caller: Caller; readonly sink: UpstreamSink },
  ): () => void;
  close(): void;
}

/** Tries for about half a minute: longer than a restart takes, shorter than a client's patience with silence. */
const RECONNECT_ATTEMPTS = 9;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const ACK_TIMEOUT_MS = 5_000;
const PING_MS = 10_000;
const PONG_TIMEOUT_MS = 5_000;

interface Shared {
  readonly client: Client;
  streams: number;
}

export function createUpstreams({
  contextSecret,
  logger,
}: {
  readonly contextSecret: string | undefined;
  readonly logger: Logger;
}): Upstreams {
  const shared = new Map<string, Shared>();

  const connect = (subgraph: SubgraphAddress, caller: Caller): Client => {
    let pongTimeout: NodeJS.Timeout | undefined;
    const client = createClient({
      url: socketUrl(subgraph.url),
      webSocketImpl: WebSocket,
      // Signed at each connection: a statement lives for a minute, a socket longer.
      connectionParams: async () =>
        contextSecret === undefined
          ? undefined
          : {
              [CONTEXT_HEADER]: await signContext(caller.origin, {
                secret: contextSecret,
                audience: subgraph.name,
                body: '',
              }),
            },
      connectionAckWaitTimeout: ACK_TIMEOUT_MS,
      keepAlive: PING_MS,
      retryAttempts: RECONNECT_ATTEMPTS,
      retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, waitBefore(attempt)).unref()),
      // A refused connection is no close event, and worth another try as well.
      shouldRetry: () => true,
      on: {
        connecting: (isRetry) => {
          if (isRetry) logger.warn({ subgraph: subgraph.name }, 'event stream of a subgraph is lost: connecting again');
        },
        ping: (isReceived) => {
          if (!isReceived) pongTimeout = setTimeout(() => client.terminate(), PONG_TIMEOUT_MS);
        },
        pong: (isReceived) => {
          if (isReceived) clearTimeout(pongTimeout);
        },
        closed: () => clearTimeout(pongTimeout),
      },
    });
    return client;
  };

  const acquire = (
    subgraph: SubgraphAddress,
    caller: Caller,
  ): { readonly client: Client; readonly release: () => void } => {
    const key = JSON.stringify([subgraph.name, subgraph.url, identityOf(caller)]);
    const entry = shared.get(key) ?? { client: connect(subgraph, caller), streams: 0 };
    shared.set(key, entry);
    entry.streams += 1;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      entry.streams -= 1;
      // The client closes its socket by itself when its last stream ends.
      if (entry.streams === 0) shared.delete(key);
    };
    return { client: entry.client, release };
  };

  return {
    open: (subgraph, operation, { caller, sink }) => {
      const { client, release } = acquire(subgraph, caller);
      const dispose = client.subscribe(
        {
          query: operation.query,
          operationName: operation.operationName ?? null,
          variables: { ...operation.variables },
        },
        {
          next: (answer) => sink.event(answer as SubgraphAnswer),
          error: (error) => {
            release();
            logger.warn({ subgraph: subgraph.name, reason: describe(error) }, 'event stream of a subgraph failed');
            sink.failed(asErrors(error, subgraph));
          },
          complete: () => {
            release();
            sink.completed();
          },
        },
      );
      return () => {
        release();
        dispose();
      };
    },
    close: () => {
      for (const { client } of shared.values()) {
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

/** Exponential with jitter, so that the gateways of a fleet do not come back all at once. */
function waitBefore(attempt: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return full / 2 + Math.random() * (full / 2);
}

function asErrors(error: unknown, subgraph: SubgraphAddress): SubgraphErrorJson[] {
  if (Array.isArray(error)) return error as SubgraphErrorJson[];
  const message = `The event stream of the subgraph "${subgraph.name}" was lost: ${describe(error)}.`;
  return [{ message, extensions: { code: 'SUBREQUEST_WS_ERROR' } }];
}

function describe(error: unknown): string {
  if (Array.isArray(error)) return JSON.stringify(error);
  const { code, reason, message } = error as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly message?: unknown;
  };
  if (typeof message === 'string' && message !== '') return message;
  return [code, reason].filter((part) => part !== undefined && part !== '').join(' ') || 'the connection broke';
}
