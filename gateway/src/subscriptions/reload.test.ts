import { eventually } from '@orion/platform/testing';
import { NO_METRICS } from '../observability/metrics.js';
import { subscribeRaw } from '../testing/raw-subscriber.js';
import { reloadableSupergraph } from '../testing/reloadable-supergraph.js';
import type { ReloadableSupergraph } from '../testing/reloadable-supergraph.js';
import { connectClient } from '../testing/test-client.js';
import type { Subscribed, TestClient } from '../testing/test-client.js';
import { startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTickGraph } from '../testing/tick-graph.js';
import type { TickGraph, TickGraphShape } from '../testing/tick-graph.js';

const NAMED = 'subscription ($room: ID!) { ticks(room: $room) { n room { name } } }';
const WITH_TOPIC = 'subscription ($room: ID!) { ticks(room: $room) { n room { topic } } }';

let graph: TickGraph;
let supergraph: ReloadableSupergraph;
let gateway: TestGateway;
let client: TestClient;
let reloads = 0;

beforeEach(async () => {
  reloads = 0;
  graph = await startTickGraph();
  supergraph = reloadableSupergraph(await graph.supergraph({ address: 1, hasTopic: true }));
  gateway = await startTestGateway({
    supergraph: { manager: supergraph.manager },
    subscriptions: { lingerMs: 0 },
    metrics: { ...NO_METRICS, supergraphReloaded: () => void (reloads += 1) },
  });
  client = connectClient(gateway.socketUrl);
});

afterEach(async () => {
  await client.close();
  await gateway.stop();
  await graph.stop();
});

async function reload(shape: TickGraphShape): Promise<void> {
  const before = reloads;
  supergraph.change(await graph.supergraph(shape));
  await eventually(() => reloads > before);
}

async function live(count: number): Promise<void> {
  await eventually(() => graph.ticks.liveSubscriptions() === count);
}

function numbers({ results }: Subscribed): unknown[] {
  return results.map(({ data }) => (data?.['ticks'] as { readonly n: number } | undefined)?.n);
}

test('a supergraph that changes elsewhere leaves the stream of the subgraph as it is', async () => {
  const subscribed = client.subscribe(NAMED, { room: 'a' });
  await live(1);
  graph.tick('a');
  await reload({ address: 1, hasTopic: false });
  graph.tick('a');
  await eventually(() => subscribed.results.length === 2);
  expect(numbers(subscribed)).toEqual([1, 2]);
  expect(graph.ticks.connections).toHaveLength(1);
});

test('a stream that moves is opened at its new place, and closed at the old one when an event was seen on both', async () => {
  const subscribed = client.subscribe(NAMED, { room: 'a' });
  await live(1);
  graph.tick('a');
  await reload({ address: 2, hasTopic: true });
  await live(2);
  graph.tick('a');
  await live(1);
  graph.tick('a');
  await eventually(() => subscribed.results.length === 3);
  expect(numbers(subscribed)).toEqual([1, 2, 3]);
  expect(graph.ticks.connections).toHaveLength(2);
});

test('a stream that is asked for something else replaces the one before, on the same socket', async () => {
  const subscribed = client.subscribe(NAMED, { room: 'a' });
  await live(1);
  graph.tick('a');
  await eventually(() => subscribed.results.length === 1);
  await reload({ address: 1, hasTopic: true, hasName: true });
  await live(2);
  graph.rooms.requests.length = 0;
  graph.tick('a');
  await live(1);
  graph.tick('a');
  await eventually(() => subscribed.results.length === 3);
  expect(numbers(subscribed)).toEqual([1, 2, 3]);
  expect(subscribed.results[2]).toEqual({ data: { ticks: { n: 3, room: { name: 'room a' } } } });
  // The event that was seen on both was completed for the old one; the last one needed nobody else.
  expect(graph.rooms.requests).toHaveLength(1);
  expect(graph.ticks.connections).toHaveLength(1);
});

test('a quiet stream that moves does not stay open at both places', async () => {
  const subscribed = client.subscribe(NAMED, { room: 'a' });
  await live(1);
  await reload({ address: 2, hasTopic: true });
  await live(2);
  await live(1);
  graph.tick('a');
  await eventually(() => subscribed.results.length === 1);
  expect(numbers(subscribed)).toEqual([1]);
});

test('there and back again before anything happened: the first stream goes on', async () => {
  const subscribed = client.subscribe(NAMED, { room: 'a' });
  await live(1);
  await reload({ address: 2, hasTopic: true });
  await live(2);
  await reload({ address: 1, hasTopic: true });
  await live(1);
  graph.tick('a');
  await eventually(() => subscribed.results.length === 1);
  expect(numbers(subscribed)).toEqual([1]);
});

test('a subscription that is not valid any more ends with what has changed; others go on', async () => {
  const invalid = client.subscribe(WITH_TOPIC, { room: 'a' });
  const valid = client.subscribe(NAMED, { room: 'a' });
  const raw = await subscribeRaw(gateway.socketUrl, WITH_TOPIC, { room: 'a' });
  await live(1);
  graph.tick('a');
  await eventually(() => invalid.results.length === 1 && raw.events.length === 1);
  await reload({ address: 1, hasTopic: false });
  await expect(invalid.done).rejects.toMatchObject([
    {
      message: expect.stringContaining('Cannot query field "topic" on type "Room"') as string,
      extensions: { code: 'SUBSCRIPTION_INVALID' },
    },
  ]);
  graph.tick('a');
  await eventually(() => valid.results.length === 2);
  // An error ends the operation by itself: a complete after it would break the protocol.
  expect(raw.others.map((message) => (JSON.parse(message) as { readonly type: string }).type)).toEqual(['error']);
  expect(raw.events).toHaveLength(1);
  raw.close();
});

test('who comes after a reload shares with those who were there before', async () => {
  const before = client.subscribe(NAMED, { room: 'a' });
  await live(1);
  await reload({ address: 1, hasTopic: false });
  const after = client.subscribe(NAMED, { room: 'a' });
  expect(await client.ask('{ room(id: "a") { name } }')).toEqual({ data: { room: { name: 'room a' } } });
  graph.rooms.requests.length = 0;
  graph.tick('a');
  await eventually(() => before.results.length === 1 && after.results.length === 1);
  expect(graph.rooms.requests).toHaveLength(1);
  expect(graph.ticks.liveSubscriptions()).toBe(1);
});
