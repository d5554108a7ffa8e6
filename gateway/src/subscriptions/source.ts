import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import type { EventQueue } from './event-queue.js';

/** A stream that serves every client with the same operation, variables and identity. */
export interface Source {
  add(queue: EventQueue<FormattedExecutionResult>): void;
  remove(queue: EventQueue<FormattedExecutionResult>): void;
}

/** How a source gets and makes its events. */
export interface SourceOptions<Raw> {
  /** Opens the upstream; returns how to end it. */
  readonly open: (sink: {
    readonly event: (raw: Raw) => void;
    readonly failed: (errors: readonly GraphQLError[]) => void;
    readonly completed: () => void;
  }) => () => void;
  /** Turns what came into what clients get. Never rejects. */
  readonly serve: (raw: Raw) => Promise<FormattedExecutionResult>;
  readonly present: (errors: readonly GraphQLError[]) => FormattedExecutionResult;
  readonly overflow: () => GraphQLError;
  /** The source is of no use any more: the upstream ended, or the last client left. */
  readonly onEnd: () => void;
}

/** Events completed at the same time; they are delivered in the order they came. */
const CONCURRENT = 16;
/** Events that wait to be completed. Beyond it the other subgraphs cannot keep up, and the clients are told. */
const BACKLOG = 1_024;

export function createSource<Raw>({ open, serve, present, overflow, onEnd }: SourceOptions<Raw>): Source {
  const queues = new Set<EventQueue<FormattedExecutionResult>>();
  const backlog: Raw[] = [];
  let running = 0;
  let delivered: Promise<void> = Promise.resolve();
  /** Set when the upstream has ended; what it holds is the last thing that clients get. */
  let ending: { readonly last: FormattedExecutionResult | undefined } | undefined;

  const deliver = (result: FormattedExecutionResult): void => {
    for (const queue of [...queues]) queue.push(result);
  };
  const endQueues = (): void => {
    if (ending === undefined || running > 0 || backlog.length > 0) return;
    if (ending.last !== undefined) deliver(ending.last);
    for (const queue of [...queues]) queue.end();
  };
  const end = (last: FormattedExecutionResult | undefined): void => {
    if (ending !== undefined) return;
    ending = { last };
    onEnd();
    endQueues();
  };
  const pump = (): void => {
    while (running < CONCURRENT && backlog.length > 0) {
      const raw = backlog.shift() as Raw;
      running += 1;
      const served = serve(raw);
      delivered = delivered.then(async () => {
        deliver(await served);
        running -= 1;
        pump();
        endQueues();
      });
    }
  };
  const endUpstream = open({
    event: (raw) => {
      if (ending !== undefined) return;
      if (backlog.length >= BACKLOG) {
        endUpstream();
        return end(present([overflow()]));
      }
      backlog.push(raw);
      pump();
    },
    failed: (errors) => end(present(errors)),
    completed: () => end(undefined),
  });

  return {
    add: (queue) => void queues.add(queue),
    remove: (queue) => {
      queues.delete(queue);
      if (queues.size > 0 || ending !== undefined) return;
      backlog.length = 0;
      endUpstream();
      end(undefined);
    },
  };
}
