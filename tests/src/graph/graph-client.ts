import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** An answer of the gateway over HTTP. */
export interface GraphAnswer {
  readonly status: number;
  readonly headers: Headers;
  // The shape is the query's business; a test reads what it asked for.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly errors: readonly GraphAnswerError[];
}

/** One entry of `errors`. */
export interface GraphAnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** What a socket told us: events in order, and how it was closed. */
export interface GraphStream {
  /** The next event. Rejects when the stream ends first. */
  // oxlint-disable-next-line typescript/no-explicit-any
  next(): Promise<any>;
  /** Events that arrived and were not taken yet. */
  pending(): number;
  /** Resolves with the close code when the server closes the socket. */
  readonly closed: Promise<number>;
  stop(): Promise<void>;
}

/** A client as a person would write one: HTTP for queries, graphql-transport-ws for subscriptions. */
export interface GraphClient {
  query(document: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphAnswer>;
  /** Resolves when the server has acknowledged the connection. */
  subscribe(document: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphStream>;
}

/**
 * @param url the gateway's /graphql
 * @param options `headers` go with every query.
 */
export function createGraphClient(
  url: string,
  { token, headers = {} }: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): GraphClient {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async query(document, variables = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization, ...headers },
        body: JSON.stringify({ query: document, variables }),
      });
      const { data = null, errors = [] } = (await response.json()) as Partial<GraphAnswer>;
      return { status: response.status, headers: response.headers, data, errors };
    },
    subscribe: (document, variables = {}) =>
      openStream(url.replace(/^http/, 'ws'), { document, variables, authorization }),
  };
}

async function openStream(
  url: string,
  {
    document,
    variables,
    authorization,
  }: {
    readonly document: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly authorization: Readonly<Record<string, string>>;
  },
): Promise<GraphStream> {
  let reportClose: (code: number) => void;
  const closed = new Promise<number>((resolve) => (reportClose = resolve));
  const queue: unknown[] = [];
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    for (const one of waiting.splice(0)) one.reject(ended);
  };
  let client: Client | undefined;
  await new Promise<void>((resolve, reject) => {
    client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: authorization,
      retryAttempts: 0,
      lazy: true,
      on: {
        connected: () => resolve(),
        closed: (event) => reportClose((event as { code: number }).code),
      },
    });
    client.subscribe(
      { query: document, variables },
      {
        next: (event) => {
          const taker = waiting.shift();
          if (taker === undefined) queue.push(event);
          else taker.resolve(event);
        },
        error: (error) => {
          const cause = error instanceof Error ? error : new Error(`stream failed: ${JSON.stringify(error)}`);
          end(cause);
          reject(cause);
        },
        complete: () => end(new Error('the stream completed')),
      },
    );
  });
  return {
    next() {
      if (queue.length > 0) return Promise.resolve(queue.shift());
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    pending: () => queue.length,
    closed,
    stop: async () => void (await client?.dispose()),
  };
}
