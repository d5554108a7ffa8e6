import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { processMetrics } from '@orion/platform/metrics';
import type { Metrics } from './metrics.js';
import { createTally } from './tally.js';

/** Metrics that Prometheus can read. */
export interface Prometheus {
  readonly metrics: Metrics;
  /** What has been counted, this gateway's first, then the process's. */
  readonly registries: readonly Registry[];
}

/** A page of the Prometheus text exposition format. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** Seconds; the boundaries that the semantic conventions advise for `http.server.request.duration`. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const PLANNING_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Anything else than these would let a client make as many time series as it likes. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH']);

/**
 * Counts with prom-client. Names follow the OpenTelemetry semantic conventions in their Prometheus form where there is
 * one (HTTP, GraphQL); the others begin with `orion_`. No label holds what a client chooses: the number of time series is
 * bounded by the subgraphs and by the codes of this program.
 */
export function createPrometheus(): Prometheus {
  const registry = new Registry();
  const registers = [registry];
  const http = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'HTTP exchanges; of an event stream until it was opened',
    labelNames: ['http_request_method', 'http_response_status_code'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const operations = new Histogram({
    name: 'graphql_operation_duration_seconds',
    help: 'Queries and mutations executed, over every transport',
    labelNames: ['graphql_operation_type', 'result'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const subgraphs = new Histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Calls to subgraphs; result is ok, timeout, failed (no usable answer) or rejected (circuit open, not sent)',
    labelNames: ['subgraph_name', 'result'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const planning = new Histogram({
    name: 'orion_planning_duration_seconds',
    help: 'Operations planned because no plan was cached',
    buckets: PLANNING_SECONDS,
    registers,
  });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter<L>({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge<L>({ name, help, labelNames, registers });
  const deduplication = createTally(
    {
      name: 'orion_deduplication_total',
      help: 'Calls (subgraph) and operations that joined an equal one under way, or had to be made',
      labelNames: ['level', 'result'],
      registers,
    },
    [
      { level: 'subgraph', result: 'joined' },
      { level: 'subgraph', result: 'made' },
      { level: 'operation', result: 'joined' },
      { level: 'operation', result: 'made' },
    ],
  );
  const caches = createTally(
    {
      name: 'orion_cache_lookups_total',
      help: 'Lookups of documents and plans',
      labelNames: ['cache', 'result'],
      registers,
    },
    [
      { cache: 'document', result: 'hit' },
      { cache: 'document', result: 'miss' },
      { cache: 'plan', result: 'hit' },
      { cache: 'plan', result: 'miss' },
    ],
  );
  const subscriptions = gauge('orion_subscriptions', 'Subscriptions of clients that are open', 'transport');
  const delivered = counter('orion_subscription_events_delivered_total', 'Events times clients they were sent to');
  const dropped = counter('orion_subscription_events_dropped_total', 'Events dropped for clients that are too slow');
  const upstreams = gauge('orion_upstream_subscriptions', 'Event streams open at subgraphs', 'subgraph_name');
  const refusals = counter('orion_refusals_total', 'Requests refused before execution, by error code', 'code');
  const reloads = counter('orion_supergraph_reloads_total', 'New supergraphs, served or refused', 'result');

  const metrics: Metrics = {
    httpRequest: ({ method, status, seconds }) =>
      http.observe(
        { http_request_method: METHODS.has(method) ? method : '_OTHER', http_response_status_code: status },
        seconds,
      ),
    operation: ({ type, hasErrors, seconds }) =>
      operations.observe({ graphql_operation_type: type, result: hasErrors ? 'errors' : 'ok' }, seconds),
    subgraphCall: ({ subgraph, outcome, seconds }) =>
      subgraphs.observe({ subgraph_name: subgraph, result: outcome }, seconds),
    deduplicated: (level, isJoined) => deduplication.add((level === 'subgraph' ? 0 : 2) + (isJoined ? 0 : 1)),
    cacheLookup: (cache, isHit) => caches.add((cache === 'document' ? 0 : 2) + (isHit ? 0 : 1)),
    planned: (seconds) => planning.observe(seconds),
    subscriptionOpened: (transport) => subscriptions.inc({ transport }),
    subscriptionClosed: (transport) => subscriptions.dec({ transport }),
    eventDelivered: (clients) => delivered.inc(clients),
    eventsDropped: (count) => dropped.inc(count),
    upstreamOpened: (subgraph) => upstreams.inc({ subgraph_name: subgraph }),
    upstreamClosed: (subgraph) => upstreams.dec({ subgraph_name: subgraph }),
    refused: (code) => refusals.inc({ code }),
    supergraphReloaded: (isAccepted) => reloads.inc({ result: isAccepted ? 'served' : 'refused' }),
  };
  return { metrics, registries: [registry, processMetrics()] };
}

/** The page that Prometheus scrapes. */
export async function metricsPage({ registries }: Prometheus): Promise<MetricsPage> {
  const texts = await Promise.all(registries.map((registry) => registry.metrics()));
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text: texts.join('\n') };
}
