import type { Logger } from '@orion/platform/log';
import type { ExecutableSubscription, Run } from '../execution/executable.js';
import type { SubgraphErrorJson } from '../execution/subgraph-call.js';
import type { OperationRequest } from '../http/exchange.js';
import type { Metrics } from '../observability/metrics.js';
import type { Caller } from '../security/caller.js';
import { createCompletion } from './completion.js';
import type { Completion } from './completion.js';
import type { EventSink } from './event-sink.js';
import { createSplice } from './splice.js';
import type { Splice } from './splice.js';
import type { StreamEvent } from './stream-event.js';
import type { StreamRequest, Streams } from './streams.js';

/** How a source is served on one generation of the supergraph. */
export interface SourcePlan {
  /** Equal keys give equal results to equal events. */
  readonly key: string;
  readonly executable: ExecutableSubscription;
  readonly stream: StreamRequest;
}

/** One subscription with all its clients: same operation, variables and identity. */
export interface Source {
  /** What it was made of, to be prepared anew when the supergraph changes. */
  readonly request: OperationRequest;
  readonly caller: Caller;
  plan(): SourcePlan;
  add(sink: EventSink): void;
  remove(sink: EventSink): void;
  /** Goes on with another plan: between events, without an end. */
  replan(plan: SourcePlan): void;
  /** Hands over its clients, and closes. */
  surrender(): readonly EventSink[];
  /** No event is under way: clients may come and go without missing one. */
  isIdle(): boolean;
  /** Ends it after the events that are under way. */
  fail(errors: readonly SubgraphErrorJson[]): void;
}

export interface SourceOptions {
  readonly request: OperationRequest;
  readonly caller: Caller;
  readonly plan: SourcePlan;
  readonly streams: Streams;
  readonly metrics: Metrics;
  /** How long the streams stay open without clients. */
  readonly lingerMs: number;
  readonly eventTimeoutMs: number;
  /** The source is of no use any more. */
  readonly onEnd: () => void;
  readonly logger: Logger;
}

/** A stream and what completes its events. */
interface Leg {
  plan: SourcePlan;
  readonly completion: Completion;
  readonly close: () => void;
}

/** So long a new stream that has brought an event waits for the old one to bring it as well. */
const ALIGN_MS = 500;
/** So long a new stream that brings nothing runs beside the old one. */
const OVERLAP_MS = 5_000;
/** So often it is looked whether the old stream's events are all completed, before it is cut off. */
const IDLE_CHECKS = 10;

export function createSource(options: SourceOptions): Source {
  const { request, caller, streams, metrics, lingerMs, eventTimeoutMs, onEnd, logger } = options;
  const sinks = new Set<EventSink>();
  let isOver = false;
  let lingering: NodeJS.Timeout | undefined;
  /** The stream that is about to replace the current one. */
  let next: Leg | undefined;
  /** Keeps events from coming twice, until the replaced stream is forgotten. */
  let splice: Splice | undefined;
  let switching: NodeJS.Timeout | undefined;

  const startRun = (): Run => ({
    caller,
    variables: request.variables ?? {},
    deadline: performance.now() + eventTimeoutMs,
  });
  const deliver = (events: readonly StreamEvent[]): void => {
    if (events.length === 0 || sinks.size === 0) return;
    for (const sink of sinks) sink.push(events);
    for (let count = events.length; count > 0; count -= 1) metrics.eventDelivered(sinks.size);
  };
  const dropNext = (): void => {
    clearTimeout(switching);
    next?.close();
    next = undefined;
    splice = undefined;
  };
  const close = (): void => {
    isOver = true;
    clearTimeout(lingering);
    dropNext();
    current.close();
    onEnd();
  };
  const end = (failure: StreamEvent | undefined): void => {
    if (isOver) return;
    close();
    const last = [...sinks];
    sinks.clear();
    for (const sink of last) sink.end(failure);
  };

  const openLeg = (plan: SourcePlan): Leg => {
    const completion = createCompletion({
      executable: plan.executable,
      startRun,
      timeoutMs: eventTimeoutMs,
      deliver: (events) => take(leg, events),
      onEnd: (failure) => endLeg(leg, failure),
      logger,
    });
    const detach = streams.attach(plan.stream, {
      event: (answer) => {
        // While it lingers, nobody is there.
        if (sinks.size > 0) completion.push(answer);
      },
      gap: () => completion.markGap(),
      failed: (errors) => completion.finish(errors),
      completed: () => completion.finish(undefined),
    });
    const leg: Leg = {
      plan,
      completion,
      close: () => {
        completion.stop();
        detach();
      },
    };
    return leg;
  };
  const take = (leg: Leg, events: readonly StreamEvent[]): void => {
    if (splice === undefined) return deliver(events);
    const isOld = next !== undefined && leg !== next;
    const wasWaiting = splice.isWaiting();
    deliver(isOld ? splice.fromOld(events) : splice.fromNew(events));
    if (splice.isSwitched()) follow();
    else if (!wasWaiting && splice.isWaiting()) switchAfter(ALIGN_MS);
    if (splice.isDone()) splice = undefined;
  };
  const endLeg = (leg: Leg, failure: StreamEvent | undefined): void => {
    if (next === undefined || leg === next || failure === undefined) return end(failure);
    // The stream that is lost was about to be replaced anyway.
    next.completion.markGap();
    switchOver();
  };
  /** The new stream is the current one from here on. */
  const follow = (): void => {
    if (next === undefined) return;
    clearTimeout(switching);
    current.close();
    current = next;
    next = undefined;
  };
  const switchOver = (): void => {
    if (splice !== undefined) deliver(splice.switchOver());
    follow();
  };
  const switchAfter = (ms: number, patience = IDLE_CHECKS): void => {
    clearTimeout(switching);
    switching = setTimeout(() => {
      // What the old stream has under way would be lost.
      if (current.completion.isIdle() || patience === 0) switchOver();
      else switchAfter(ALIGN_MS, patience - 1);
    }, ms);
    switching.unref();
  };

  let current = openLeg(options.plan);

  return {
    request,
    caller,
    plan: () => (next ?? current).plan,
    add: (sink) => {
      clearTimeout(lingering);
      sinks.add(sink);
    },
    remove: (sink) => {
      if (!sinks.delete(sink) || sinks.size > 0 || isOver) return;
      lingering = setTimeout(close, lingerMs);
      lingering.unref();
    },
    replan: (plan) => {
      if (isOver) return;
      if (sinks.size === 0) return close();
      const same = [current, next].find((leg) => leg?.plan.stream.key === plan.stream.key);
      if (same === current) dropNext();
      if (same !== undefined) {
        same.plan = plan;
        return same.completion.use(plan.executable);
      }
      dropNext();
      splice = createSplice();
      next = openLeg(plan);
      switchAfter(OVERLAP_MS);
    },
    surrender: () => {
      const handedOver = [...sinks];
      sinks.clear();
      close();
      return handedOver;
    },
    isIdle: () => next === undefined && current.completion.isIdle(),
    fail: (errors) => {
      dropNext();
      current.completion.finish(errors);
    },
  };
}
