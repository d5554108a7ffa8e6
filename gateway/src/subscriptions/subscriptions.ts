import type { Logger } from '@orion/platform/log';
import { GraphQLError } from 'graphql';
import type { FormattedExecutionResult } from 'graphql';
import type { SubgraphAddress, SubgraphAnswer, SubgraphClient } from '../execution/subgraph-client.js';
import { subgraphError } from '../execution/subgraph-error.js';
import { createSubscriptionPlanner } from '../planning/plan-subscription.js';
import type { SubscriptionPlan } from '../planning/plan-subscription.js';
import type { PreparedOperation } from '../planning/prepared-operation.js';
import { identityOf } from '../security/caller.js';
import type { Caller } from '../security/caller.js';
import type { Settings } from '../settings.js';
import { createEventQueue } from './event-queue.js';
import type { EventQueue } from './event-queue.js';
import { presentErrors, serveEvent } from './serve-event.js';
import { createSource } from './source.js';
import type { Source } from './source.js';
import type { Upstreams } from './upstream.js';

/** Events for one client, presented as it may see them. */
export type ClientEvents = EventQueue<FormattedExecutionResult>;

/** Serves subscriptions to every transport from one pipeline. */
export interface Subscriptions {
  /**
   * Subscribes a client. Equal operation, variables and identity share one upstream, and each event is completed once
   * for all of them. `onOverflow` is called when this client does not keep up.
   */
  open(prepared: PreparedOperation, client: Client): ClientEvents | readonly GraphQLError[];
  /** Upstreams that are open, for diagnosis. */
  sources(): number;
  /** Ends every client's events and every upstream. */
  close(): void;
}

interface Client {
  readonly caller: Caller;
  readonly onOverflow: () => void;
}

export interface SubscriptionsOptions {
  readonly client: SubgraphClient;
  readonly upstreams: Upstreams;
  /** The address that is really used for a subgraph. */
  readonly urlOf: (name: string, routingUrl: string) => string;
  readonly settings: Settings;
  readonly logger: Logger;
}

export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const planSubscription = createSubscriptionPlanner();
  const sources = new Map<string, Source>();
  const clients = new Set<ClientEvents>();

  const sourceFor = (prepared: PreparedOperation, plan: SubscriptionPlan, caller: Caller): Source => {
    const key = keyOf(prepared, plan, caller);
    const known = sources.get(key);
    if (known !== undefined) return known;
    const source: Source = openSource({ ...options, prepared, plan, caller }, () => {
      // The key may belong to a successor already.
      if (sources.get(key) === source) sources.delete(key);
    });
    sources.set(key, source);
    return source;
  };

  const subscribe = (prepared: PreparedOperation, { caller, onOverflow }: Client): ClientEvents => {
    const plan = planSubscription(prepared);
    const source = sourceFor(prepared, plan, caller);
    const events: ClientEvents = createEventQueue<FormattedExecutionResult>({
      limit: options.settings.connections.queuedEvents,
      onOverflow,
      onDone: () => {
        clients.delete(events);
        source.remove(events);
      },
    });
    clients.add(events);
    source.add(events);
    return events;
  };

  return {
    open: (prepared, client) => {
      try {
        return subscribe(prepared, client);
      } catch (error) {
        // The planner throws on what it cannot plan; the caller presents it, which logs it.
        return [
          new GraphQLError('The subscription cannot be planned.', {
            originalError: error instanceof Error ? error : null,
          }),
        ];
      }
    },
    sources: () => sources.size,
    close: () => {
      for (const events of [...clients]) events.end();
      options.upstreams.close();
    },
  };
}

/** Variables that the plan does not use make no difference, and the order of keys none either. */
function keyOf(
  { generation, variables }: PreparedOperation,
  { text, variableNames }: SubscriptionPlan,
  caller: Caller,
): string {
  return JSON.stringify([
    generation.number,
    identityOf(caller),
    text,
    variableNames.map((name) => sorted(variables[name] ?? null)),
  ]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

interface Opening extends SubscriptionsOptions {
  readonly prepared: PreparedOperation;
  readonly plan: SubscriptionPlan;
  readonly caller: Caller;
}

function openSource(
  { prepared, plan, caller, client, upstreams, urlOf, settings, logger }: Opening,
  onEnd: () => void,
): Source {
  const { planner } = prepared.generation;
  const subgraphUrl = (name: string): string => urlOf(name, planner.routingUrls.get(name) ?? '');
  const subgraph: SubgraphAddress = { name: plan.primary.serviceName, url: subgraphUrl(plan.primary.serviceName) };
  const service = {
    prepared,
    plan,
    caller,
    client,
    urlOf: subgraphUrl,
    errorPolicy: { production: settings.production, logger },
  };
  const { operation: query, operationName, variableUsages = [] } = plan.primary;
  const sent = prepared.request.variables ?? {};
  const variables = Object.fromEntries(
    variableUsages.filter((name) => sent[name] !== undefined).map((name) => [name, sent[name]]),
  );
  return createSource<SubgraphAnswer>({
    open: ({ event, failed, completed }) =>
      upstreams.open(
        subgraph,
        { query, operationName, variables },
        {
          caller,
          sink: {
            event,
            failed: (errors) =>
              failed(errors.map((error) => subgraphError(error, { subgraph: subgraph.name, path: error.path }))),
            completed,
          },
        },
      ),
    serve: (raw) => serveEvent(raw, service),
    present: (errors) => presentErrors(errors, service),
    overflow: () =>
      new GraphQLError('Events come faster than they can be completed.', {
        extensions: { code: 'SUBSCRIPTION_OVERFLOW' },
      }),
    onEnd,
  });
}
