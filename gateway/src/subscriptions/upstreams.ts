import type { Logger } from '@orion/platform/log';
import type { SubgraphAddress, SubgraphAnswer, SubgraphErrorJson } from '../execution/subgraph-call.js';
import type { Caller } from '../security/caller.js';
import { createEventStreamUpstreams } from './upstream-event-stream.js';
import { createSocketUpstreams } from './upstream-socket.js';

/** The subscription that a subgraph is sent. */
export interface StreamOperation {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface UpstreamRequest {
  readonly subgraph: SubgraphAddress;
  readonly operation: StreamOperation;
  readonly caller: Caller;
}

/** What a stream of a subgraph reports, never before `open` has returned. After `failed` or `completed` nothing comes. */
export interface UpstreamSink {
  readonly event: (answer: SubgraphAnswer) => void;
  /** The connection broke, and is tried again. */
  readonly lost: () => void;
  /** After `lost`: the subscription is there again. */
  readonly resumed: () => void;
  readonly failed: (errors: readonly SubgraphErrorJson[]) => void;
  readonly completed: () => void;
}

/** Streams from subgraphs. */
export interface Upstreams {
  /** Returns how to end the stream; the sink is not called any more then. */
  open(request: UpstreamRequest, sink: UpstreamSink): () => void;
  close(): void;
}

/** How a subgraph is subscribed to: graphql-transport-ws, or server-sent events in distinct connections mode. */
export type SubscriptionProtocol = 'ws' | 'sse';

export interface UpstreamsOptions {
  readonly contextSecret: string | undefined;
  /** By subgraph name; `ws` for those that are not named. */
  readonly protocols: Readonly<Record<string, SubscriptionProtocol>>;
  /** Addresses of subscriptions that are not the subgraph's own, by subgraph name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Certificates in PEM that are trusted beside the public authorities. */
  readonly certificateAuthorities: string | undefined;
  readonly logger: Logger;
}

export function createUpstreams({ protocols, urls, ...options }: UpstreamsOptions): Upstreams {
  const sockets = createSocketUpstreams(options);
  const eventStreams = createEventStreamUpstreams(options);
  return {
    open: ({ subgraph: { name, url }, operation, caller }, sink) => {
      const subgraph = { name, url: urls[name] ?? url };
      const protocol = protocols[name] === 'sse' ? eventStreams : sockets;
      return protocol.open({ subgraph, operation, caller }, sink);
    },
    close: () => {
      sockets.close();
      eventStreams.close();
    },
  };
}
