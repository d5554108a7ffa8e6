/**
 * What the gateway counts. Called on the hot path: an implementation does plain arithmetic and allocates nothing.
 * Durations in seconds, as Prometheus wants them.
 */
export interface Metrics {
  /** An HTTP exchange has been answered. */
  httpRequest(request: { readonly method: string; readonly status: number; readonly seconds: number }): void;
  /** An operation has been executed, over whatever transport. */
  operation(operation: {
    readonly type: 'query' | 'mutation';
    readonly hasErrors: boolean;
    readonly seconds: number;
  }): void;
  /** A call has left for a subgraph and is over. */
  subgraphCall(call: {
    readonly subgraph: string;
    readonly outcome: 'ok' | 'timeout' | 'failed' | 'rejected';
    readonly seconds: number;
  }): void;
  /** A call or a whole operation was answered by an equal one under way, or had to be made. */
  deduplicated(level: 'subgraph' | 'operation', isJoined: boolean): void;
  /** The cache of prepared documents or of plans had it, or not. */
  cacheLookup(cache: 'document' | 'plan', isHit: boolean): void;
  /** An operation was planned. */
  planned(seconds: number): void;
  subscriptionOpened(transport: 'websocket' | 'sse' | 'multipart'): void;
  subscriptionClosed(transport: 'websocket' | 'sse' | 'multipart'): void;
  /** An event was delivered to this many clients. */
  eventDelivered(clients: number): void;
  /** Events that a client's queue dropped. */
  eventsDropped(count: number): void;
  upstreamOpened(subgraph: string): void;
  upstreamClosed(subgraph: string): void;
  /** A request was refused before it was executed, by error code. */
  refused(code: string): void;
  /** A new supergraph is served, or one was refused. */
  supergraphReloaded(isAccepted: boolean): void;
}

/** Counts nothing. */
export const NO_METRICS: Metrics = {
  httpRequest: () => undefined,
  operation: () => undefined,
  subgraphCall: () => undefined,
  deduplicated: () => undefined,
  cacheLookup: () => undefined,
  planned: () => undefined,
  subscriptionOpened: () => undefined,
  subscriptionClosed: () => undefined,
  eventDelivered: () => undefined,
  eventsDropped: () => undefined,
  upstreamOpened: () => undefined,
  upstreamClosed: () => undefined,
  refused: () => undefined,
  supergraphReloaded: () => undefined,
};
