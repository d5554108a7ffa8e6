import type { Logger } from '@orion/platform/log';
import { GraphQLError } from 'graphql';
import type { SubgraphErrorJson } from '../execution/subgraph-call.js';
import type { Metrics } from '../observability/metrics.js';
import type { Generation } from '../planning/generations.js';
import type { PrepareOperation } from '../planning/prepared-operation.js';
import type { Caller } from '../security/caller.js';
import type { Settings } from '../settings.js';
import type { EventSink } from './event-sink.js';
import { planSource } from './plan-source.js';
import { isSubscription } from './prepared-subscription.js';
import type { PreparedSubscription } from './prepared-subscription.js';
import { replanSources } from './replan-sources.js';
import type { Replanned } from './replan-sources.js';
import { createSource } from './source.js';
import type { Source, SourcePlan } from './source.js';
import { createStreams } from './streams.js';
import type { Upstreams } from './upstreams.js';

/** Who gets the events of a subscription, and how. */
export interface Subscriber {
  readonly caller: Caller;
  readonly transport: 'websocket' | 'sse' | 'multipart';
  readonly sink: EventSink;
}

/** Serves subscriptions to every transport from one pipeline. */
export interface Subscriptions {
  /**
   * Subscribes a client. Equal operation, variables and identity share one stream of the subgraph, and each event is
   * completed once for all of them. Returns how to leave, which is to be called once the sink has ended as well.
   */
  open(prepared: PreparedSubscription, subscriber: Subscriber): (() => void) | readonly GraphQLError[];
  /** The supergraph has changed: every subscription goes on with it, or ends with `SUBSCRIPTION_INVALID`. */
  replan(): Promise<void>;
  /** Streams that are open towards subgraphs, for diagnosis. */
  streams(): number;
  /** Ends every client's events and every stream. */
  close(): void;
}

export interface SubscriptionsOptions {
  readonly upstreams: Upstreams;
  /** The address that is really used for a subgraph. */
  readonly urlOf: (name: string, routingUrl: string) => string;
  /** Prepares an operation on the newest supergraph. */
  readonly prepare: PrepareOperation;
  readonly isCurrent: (generation: Generation) => boolean;
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { upstreams, metrics, logger } = options;
  const { subscriptions: settings } = options.settings;
  const streams = createStreams({ upstreams, onLoss: settings.onUpstreamLoss, metrics });
  /** Sources that new clients may join. */
  const joinable = new Map<string, Source>();
  const sources = new Set<Source>();
  const homes = new Map<EventSink, Source>();
  let replans = 0;

  const planOf = (prepared: PreparedSubscription, caller: Caller): SourcePlan =>
    planSource(prepared, caller, (name) => options.urlOf(name, prepared.generation.view.routingUrls.get(name) ?? ''));
  const forget = (source: Source): void => {
    const { key } = source.plan();
    if (joinable.get(key) === source) joinable.delete(key);
  };
  const start = (plan: SourcePlan, { request }: PreparedSubscription, caller: Caller): Source => {
    const source: Source = createSource({
      request,
      caller,
      plan,
      streams,
      metrics,
      lingerMs: settings.lingerMs,
      eventTimeoutMs: settings.eventTimeoutMs,
      onEnd: () => {
        sources.delete(source);
        forget(source);
      },
      logger,
    });
    sources.add(source);
    joinable.set(plan.key, source);
    return source;
  };
  const prepareAnew = async (source: Source): Promise<Replanned> => {
    try {
      const preparation = await options.prepare(source.request, source.caller);
      if (!preparation.ok) return { ok: false, reasons: preparation.errors.map(({ message }) => message) };
      // What nothing of may be seen any more is not planned as a stream.
      if (!isSubscription(preparation.prepared)) return { ok: false, reasons: ['Nothing of it is allowed any more.'] };
      return { ok: true, plan: planOf(preparation.prepared, source.caller) };
    } catch (error) {
      logger.error({ err: error }, 'a subscription cannot be planned on the new supergraph');
      return { ok: false, reasons: ['It cannot be planned.'] };
    }
  };
  const apply = (source: Source, replanned: Replanned): void => {
    if (!sources.has(source)) return;
    forget(source);
    if (!replanned.ok) return source.fail([invalid(replanned.reasons)]);
    source.replan(replanned.plan);
    if (!sources.has(source)) return;
    const { key } = replanned.plan;
    const rival = joinable.get(key);
    if (rival === undefined) joinable.set(key, source);
    // A client that came meanwhile has opened the same on the new supergraph already.
    else if (rival.isIdle() && source.isIdle()) move(source, rival);
  };
  const move = (from: Source, to: Source): void => {
    for (const sink of from.surrender()) {
      homes.set(sink, to);
      to.add(sink);
    }
  };
  const replan = (outdated: readonly Source[], isOutdated: () => boolean): Promise<void> =>
    replanSources(outdated, { prepare: prepareAnew, apply, isOutdated, logger });

  return {
    open: (prepared, { caller, transport, sink }) => {
      if (homes.size >= settings.maxOpen) {
        return [
          new GraphQLError('The gateway serves as many subscriptions as it may. Try again later.', {
            extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
          }),
        ];
      }
      const plan = planOf(prepared, caller);
      const source = joinable.get(plan.key) ?? start(plan, prepared, caller);
      homes.set(sink, source);
      source.add(sink);
      metrics.subscriptionOpened(transport);
      // The supergraph may have changed since it was prepared, and the sources been gone through without it.
      const started = replans;
      if (!options.isCurrent(prepared.generation)) {
        replan([source], () => started !== replans).catch((error: unknown) =>
          logger.error({ err: error }, 'a subscription could not follow the new supergraph'),
        );
      }
      return () => {
        const home = homes.get(sink);
        if (!homes.delete(sink)) return;
        metrics.subscriptionClosed(transport);
        home?.remove(sink);
      };
    },
    replan: async () => {
      replans += 1;
      const mine = replans;
      await replan([...sources], () => mine !== replans);
    },
    streams: () => streams.count(),
    close: () => {
      replans += 1;
      for (const sink of [...homes.keys()]) sink.end(undefined);
      upstreams.close();
    },
  };
}

function invalid(reasons: readonly string[]): SubgraphErrorJson {
  return {
    message: `The graph has changed, and this subscription is not valid any more: ${reasons.join(' ')}`,
    extensions: { code: 'SUBSCRIPTION_INVALID' },
  };
}
