import type { FetcherParams } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';
import { createClient as createEventStreamClient, NetworkError } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { ENDPOINT } from './graphql-request.js';

/** How subscriptions travel. */
export type Transport = 'WebSocket' | 'SSE';
export const TRANSPORTS: readonly Transport[] = ['WebSocket', 'SSE'];

export interface Sink {
  next(result: ExecutionResult): void;
  /** The last call. */
  error(error: unknown): void;
  /** The last call: the server has nothing more to tell. */
  complete(): void;
}

export interface SubscriptionRequest {
  readonly params: FetcherParams;
  /** As of now: a connection that is opened again needs a token that still works. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** To be called when the server does not take the latest headers: the next ones will have another token. */
  refused(): void;
}

/** Subscribes on a connection of its own, so that each subscription keeps the identity it began with. Returns the end. */
export function subscribe(transport: Transport, request: SubscriptionRequest, sink: Sink): () => void {
  return transport === 'SSE' ? overEventStream(request, sink) : overSocket(request, sink);
}

/** "Forbidden" of graphql-ws: the token is not, or no longer, good. */
const FORBIDDEN = 4403;

/** https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md; what would be headers goes into connection_init. */
function overSocket(request: SubscriptionRequest, sink: Sink): () => void {
  let hasBegun = false;
  const client = createSocketClient({
    url: ENDPOINT.replace(/^http/, 'ws'),
    connectionParams: async () => ({ ...(await request.headers()) }),
    on: {
      connected: () => (hasBegun = true),
      closed: (event) => {
        if (isClose(event) && event.code === FORBIDDEN) request.refused();
      },
    },
    // A session that ends while it is listened to ends the subscription, as it does for everybody.
    shouldRetry: (event) => isClose(event) && !(hasBegun && event.code === FORBIDDEN),
  });
  const end = client.subscribe(payloadOf(request.params), {
    next: (result) => sink.next(result as ExecutionResult),
    error: (error) => sink.error(isClose(error) ? new Error(describeClose(error)) : error),
    complete: () => sink.complete(),
  });
  return () => {
    end();
    void client.dispose();
  };
}

/** https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, "distinct connections". */
function overEventStream(request: SubscriptionRequest, sink: Sink): () => void {
  const client = createEventStreamClient({
    url: ENDPOINT,
    headers: async () => ({ ...(await request.headers()) }),
    fetchFn: (url: string, init: RequestInit) => fetchTwice(request, { url, init }),
    // It would try again what is refused for good, and tell of it after a minute.
    retryAttempts: 0,
  });
  const end = client.subscribe(payloadOf(request.params), {
    next: (result) => sink.next(result as ExecutionResult),
    error: async (error) => sink.error(await describeRefusal(error)),
    complete: () => sink.complete(),
  });
  return () => {
    end();
    client.dispose();
  };
}

/** With a new token when the first is not taken. */
async function fetchTwice(
  request: SubscriptionRequest,
  { url, init }: { readonly url: string; readonly init: RequestInit },
): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status !== 401) return response;
  request.refused();
  return fetch(url, { ...init, headers: { ...init.headers, ...(await request.headers()) } });
}

function payloadOf({ query, variables, operationName }: FetcherParams) {
  return {
    query,
    ...(variables === undefined ? {} : { variables: variables as Record<string, unknown> }),
    ...(operationName === undefined || operationName === null ? {} : { operationName }),
  };
}

function isClose(error: unknown): error is CloseEvent {
  return error instanceof CloseEvent;
}

function describeClose({ code, reason }: CloseEvent): string {
  return `The WebSocket was closed: ${code}${reason === '' ? '' : ` ${reason}`}`;
}

/** A stream that is refused is refused with a GraphQL answer, which tells more than its status. */
async function describeRefusal(error: unknown): Promise<unknown> {
  if (!(error instanceof NetworkError) || error.response === undefined) return error;
  const { status, statusText } = error.response;
  const body = error.response as Partial<Response>;
  const text = body.bodyUsed === false ? await body.text?.() : undefined;
  return new Error(`The event stream was refused: ${status} ${statusText}${text === undefined ? '' : `\n${text}`}`);
}
