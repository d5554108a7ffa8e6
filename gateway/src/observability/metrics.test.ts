import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { eventually } from '@orion/platform/testing';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway, testLogger } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { openMetricsServer } from './metrics-server.js';
import { createPrometheus, metricsPage } from './prometheus.js';

let graph: TestGraph;
let gateway: TestGateway;
let sdl: string;

beforeAll(async () => {
  graph = await startTestGraph();
  sdl = await compose(graph.subgraphs);
  const prometheus = createPrometheus();
  gateway = await startTestGateway({
    supergraph: { sdl },
    metrics: prometheus.metrics,
    metricsPage: () => metricsPage(prometheus),
  });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
});

/** The sample whose name and labels are these, or undefined. */
async function sample(series: string, url = gateway.url): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test('an exchange is counted by method and status, with its duration', async () => {
  const series =
    'http_server_request_duration_seconds_count{http_request_method="POST",http_response_status_code="200"}';
  const before = (await sample(series)) ?? 0;
  await gateway.ask('{ me { name } }');
  await gateway.ask('{ me { name } }');
  expect(await sample(series)).toBe(before + 2);
});

test('a refusal is counted by its code', async () => {
  await fetch(gateway.endpoint, { method: 'PUT' });
  expect(await sample('orion_refusals_total{code="METHOD_NOT_ALLOWED"}')).toBe(1);
});

test('an operation that is not executed is counted as well, over every transport', async () => {
  const series = 'orion_refusals_total{code="GRAPHQL_VALIDATION_FAILED"}';
  await gateway.ask('{ nothing }');
  expect(await sample(series)).toBe(1);
  const client = connectClient(gateway.socketUrl);
  await expect(client.ask('{ nothing }')).rejects.toBeDefined();
  await client.close();
  expect(await sample(series)).toBe(2);
});

test('a client cannot make time series of its own', async () => {
  await fetch(gateway.endpoint, { method: 'PROPFIND', headers: { 'x-request-id': 'mine-12345' } });
  await gateway.ask('query Mine12345 { me { name } }');
  await fetch(`${gateway.url}/mine-12345`);
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(text).toContain('http_request_method="_OTHER"');
  expect(text).not.toMatch(/mine-?12345|PROPFIND/i);
});

test('the process is measured as well', async () => {
  expect(await sample('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  expect(await sample('process_resident_memory_bytes')).toBeGreaterThan(1e7);
  expect(await sample('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
});

test('without a page there is no such path', async () => {
  const closed = await startTestGateway({ supergraph: { sdl } });
  expect((await fetch(`${closed.url}/metrics`)).status).toBe(404);
  await closed.stop();
});

test('every count has its name and unit', async () => {
  const { metrics, ...prometheus } = createPrometheus();
  metrics.httpRequest({ method: 'GET', status: 400, seconds: 0.02 });
  metrics.operation({ type: 'query', hasErrors: true, seconds: 0.3 });
  metrics.subgraphCall({ subgraph: 'accounts', outcome: 'timeout', seconds: 3 });
  metrics.deduplicated('subgraph', true);
  metrics.deduplicated('operation', false);
  metrics.cacheLookup('plan', false);
  metrics.cacheLookup('document', true);
  metrics.planned(0.004);
  metrics.subscriptionOpened('sse');
  metrics.subscriptionOpened('sse');
  metrics.subscriptionClosed('sse');
  metrics.eventDelivered(7);
  metrics.eventsDropped(2);
  metrics.upstreamOpened('inbox');
  metrics.upstreamClosed('inbox');
  metrics.refused('RATE_LIMITED');
  metrics.supergraphReloaded(true);
  metrics.supergraphReloaded(false);
  const { text } = await metricsPage({ metrics, ...prometheus });
  for (const line of [
    'http_server_request_duration_seconds_sum{http_request_method="GET",http_response_status_code="400"} 0.02',
    'graphql_operation_duration_seconds_sum{graphql_operation_type="query",result="errors"} 0.3',
    'http_client_request_duration_seconds_bucket{le="2.5",subgraph_name="accounts",result="timeout"} 0',
    'http_client_request_duration_seconds_bucket{le="5",subgraph_name="accounts",result="timeout"} 1',
    'orion_deduplication_total{level="subgraph",result="joined"} 1',
    'orion_deduplication_total{level="operation",result="made"} 1',
    'orion_cache_lookups_total{cache="plan",result="miss"} 1',
    'orion_cache_lookups_total{cache="document",result="hit"} 1',
    'orion_planning_duration_seconds_sum 0.004',
    'orion_subscriptions{transport="sse"} 1',
    'orion_subscription_events_delivered_total 7',
    'orion_subscription_events_dropped_total 2',
    'orion_upstream_subscriptions{subgraph_name="inbox"} 0',
    'orion_refusals_total{code="RATE_LIMITED"} 1',
    'orion_supergraph_reloads_total{result="served"} 1',
    'orion_supergraph_reloads_total{result="refused"} 1',
  ])
    expect(text.split('\n')).toContain(line);
});

describe('on a port of their own', () => {
  test('metrics and nothing else are answered', async () => {
    const prometheus = createPrometheus();
    const options = { host: '127.0.0.1', port: 0, page: () => metricsPage(prometheus), logger: testLogger };
    const server = await openMetricsServer(options);
    const url = `http://127.0.0.1:${server.port}`;
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toContain('# TYPE http_server_request_duration_seconds histogram');
    expect((await fetch(`${url}/graphql`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
    await server.close();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow('fetch failed');
  });

  test('a page that fails is a 500 that tells nothing', async () => {
    const page = () => Promise.reject(new Error('secret detail'));
    const server = await openMetricsServer({ host: '127.0.0.1', port: 0, page, logger: testLogger });
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    await server.close();
  });

  test('a taken port is an error', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const page = () => Promise.reject(new Error('never asked'));
    await expect(openMetricsServer({ host: '127.0.0.1', port, page, logger: testLogger })).rejects.toThrow(
      /EADDRINUSE/,
    );
    taken.close();
  });
});

test('a WebSocket is open while a client has it, and its subscription is counted', async () => {
  const client = connectClient(gateway.socketUrl);
  client.subscribe('subscription { noted(topic: "metrics") { title } }');
  await expectEventually('orion_subscriptions{transport="websocket"}', 1);
  await client.close();
  await expectEventually('orion_subscriptions{transport="websocket"}', 0);
});

async function expectEventually(series: string, value: number): Promise<void> {
  await eventually(async () => (await sample(series)) === value);
}
