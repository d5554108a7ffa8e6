import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';

/** A result as a client sees it. */
export interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** A graphql-transport-ws client over a real socket that notes what happens to it. */
export interface TestClient {
  readonly client: Client;
  /** Code and reason of each close. */
  readonly closes: { readonly code: number; readonly reason: string }[];
  /** Collects what a subscription brings; `done` resolves when it is complete or rejects with its error. */
  subscribe(query: string, variables?: Record<string, unknown>): Subscribed;
  /** The one result of a query or mutation. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Result>;
  close(): Promise<void>;
}

export interface Subscribed {
  readonly results: Result[];
  readonly done: Promise<void>;
  stop(): void;
}

export function connectClient(url: string, connectionParams?: Record<string, unknown>): TestClient {
  const closes: { code: number; reason: string }[] = [];
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(connectionParams === undefined ? {} : { connectionParams }),
    on: { closed: (event) => closes.push(event as { code: number; reason: string }) },
  });
  const subscribe = (query: string, variables: Record<string, unknown> = {}): Subscribed => {
    const results: Result[] = [];
    let stop: () => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      stop = client.subscribe(
        { query, variables },
        { next: (result) => results.push(result as Result), error: reject, complete: resolve },
      );
    });
    // Whoever cares awaits it.
    done.catch(() => undefined);
    return { results, done, stop: () => stop() };
  };
  return {
    client,
    closes,
    subscribe,
    ask: async (query, variables) => {
      const { results, done } = subscribe(query, variables);
      await done;
      const [result] = results;
      if (result === undefined) throw new Error('the operation brought no result');
      return result;
    },
    close: async () => void (await client.dispose()),
  };
}
