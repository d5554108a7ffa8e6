import type { SubgraphAddress } from '../execution/subgraph-call.js';

/** Steps of an operation that have a span of their own. Those that a cache answers have none. */
export type TracedStep = 'parse and validate' | 'plan' | 'execute';

/**
 * A piece of work under trace. It is ended once. Code that may run without tracing holds `Span | undefined`, so that a
 * request which is not traced costs one comparison.
 */
export interface Span {
  /** W3C Trace Context header that makes whoever receives it a child of this span. */
  readonly traceparent: string;
  /** A step of this process within it. */
  start(step: TracedStep): Span;
  /** A request to a subgraph; its `traceparent` is what the subgraph is to be sent. */
  startFetch(subgraph: SubgraphAddress): Span;
  /** The completion of one event of the subscription that this span opened: a trace of its own that links to it. */
  startEvent(): Span;
  /** Names what is executed, as soon as it is known. */
  nameOperation(type: string, name: string | undefined): void;
  set(attribute: string, value: string | number | boolean): void;
  end(result?: SpanResult): void;
}

export interface SpanResult {
  /** HTTP status that was sent, or that the subgraph answered with. */
  readonly status?: number | undefined;
  /** What went wrong, without anything a client sent: an error code, for instance. */
  readonly error?: string | undefined;
}

/** A request of a client that is to be traced. */
export interface TracedRequest {
  /** `POST /graphql`, or `websocket` for an operation on one. */
  readonly name: string;
  readonly requestId: string;
  /** The client's own trace, which goes on here. Undefined begins a new one. */
  readonly traceparent: string | undefined;
}

/** Traces requests. A gateway without one traces nothing. */
export interface Tracer {
  startRequest(request: TracedRequest): Span;
  /** Sends what has been recorded. */
  close(): Promise<void>;
}
