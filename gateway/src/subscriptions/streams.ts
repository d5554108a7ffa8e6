import type { SubgraphAddress, SubgraphAnswer, SubgraphErrorJson } from '../execution/subgraph-call.js';
import type { Metrics } from '../observability/metrics.js';
import type { Caller } from '../security/caller.js';
import type { StreamOperation, Upstreams } from './upstreams.js';

/** What is subscribed to at a subgraph, and for whom. */
export interface StreamRequest {
  /** Equal keys are the same stream. */
  readonly key: string;
  readonly subgraph: SubgraphAddress;
  readonly operation: StreamOperation;
  readonly caller: Caller;
}

/** Never called before `attach` has returned; after `failed` or `completed` not any more. */
export interface StreamListener {
  /** All listeners get the same answer, and none may change it. */
  readonly event: (answer: SubgraphAnswer) => void;
  /** The stream was lost and is there again: what happened meanwhile is unknown. */
  readonly gap: () => void;
  readonly failed: (errors: readonly SubgraphErrorJson[]) => void;
  readonly completed: () => void;
}

/** The streams that are open towards subgraphs, each of them once. */
export interface Streams {
  /** Opens the stream, or joins it. The returned function leaves it, and closes it when nobody else listens. */
  attach(request: StreamRequest, listener: StreamListener): () => void;
  count(): number;
}

export interface StreamsOptions {
  readonly upstreams: Upstreams;
  /** What becomes of a stream whose connection is lost. */
  readonly onLoss: 'resume' | 'complete';
  readonly metrics: Metrics;
}

export function createStreams({ upstreams, onLoss, metrics }: StreamsOptions): Streams {
  const open = new Map<string, Set<StreamListener>>();
  const closers = new Map<Set<StreamListener>, () => void>();

  const start = ({ key, subgraph, operation, caller }: StreamRequest): Set<StreamListener> => {
    const listeners = new Set<StreamListener>();
    open.set(key, listeners);
    metrics.upstreamOpened(subgraph.name);
    const forget = (): StreamListener[] => {
      if (!closers.delete(listeners)) return [];
      metrics.upstreamClosed(subgraph.name);
      if (open.get(key) === listeners) open.delete(key);
      return [...listeners];
    };
    const fail = (errors: readonly SubgraphErrorJson[]): void => {
      for (const listener of forget()) listener.failed(errors);
    };
    const stop = upstreams.open(
      { subgraph, operation, caller },
      {
        event: (answer) => {
          for (const listener of [...listeners]) listener.event(answer);
        },
        lost: () => {
          if (onLoss === 'resume' || !closers.has(listeners)) return;
          stop();
          fail([lossOf(subgraph)]);
        },
        resumed: () => {
          for (const listener of listeners) listener.gap();
        },
        failed: fail,
        completed: () => {
          for (const listener of forget()) listener.completed();
        },
      },
    );
    closers.set(listeners, () => {
      forget();
      stop();
    });
    return listeners;
  };

  return {
    attach: (request, listener) => {
      const listeners = open.get(request.key) ?? start(request);
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) closers.get(listeners)?.();
      };
    },
    count: () => open.size,
  };
}

function lossOf({ name }: SubgraphAddress): SubgraphErrorJson {
  return {
    message: `The event stream of the subgraph "${name}" was lost.`,
    extensions: { code: 'SUBREQUEST_WS_ERROR', serviceName: name },
  };
}
