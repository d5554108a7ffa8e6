import { once } from 'node:events';
import { eventually } from '@orion/platform/testing';
import { WebSocket } from 'ws';
import { NO_METRICS } from '../observability/metrics.js';
import type { Metrics } from '../observability/metrics.js';
import { subscribeRaw } from '../testing/raw-subscriber.js';
import { connectClient } from '../testing/test-client.js';
import type { TestClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer } from '../testing/test-issuer.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';

const LINGER_MS = 300;
let graph: TestGraph;
let gateway: TestGateway;
let counted: Record<string, number>;
const clients: TestClient[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    connections: { operationsPerSocket: 100 },
    subscriptions: { maxOpen: 120, lingerMs: LINGER_MS },
    metrics: countingMetrics(),
  });
});

beforeEach(() => {
  counted = {};
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await eventually(() => graph.inbox.liveSubscriptions() === 0);
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
});

function countingMetrics(): Metrics {
  const count = (name: string, by = 1): void => {
    counted[name] = (counted[name] ?? 0) + by;
  };
  return {
    ...NO_METRICS,
    subscriptionOpened: (transport) => count(`opened ${transport}`),
    subscriptionClosed: (transport) => count(`closed ${transport}`),
    eventDelivered: (receivers) => count('delivered', receivers),
    upstreamOpened: (subgraph) => count(`upstream of ${subgraph} opened`),
    upstreamClosed: (subgraph) => count(`upstream of ${subgraph} closed`),
  };
}

function connect(): TestClient {
  const client = connectClient(gateway.socketUrl);
  clients.push(client);
  return client;
}

async function live(count: number): Promise<void> {
  await eventually(() => graph.inbox.liveSubscriptions() === count);
}

test('results of every length arrive whole on every socket, whatever its id', async () => {
  const query = 'subscription { noted(topic: "frames") { title } }';
  const [raw, other] = await Promise.all([
    subscribeRaw(gateway.socketUrl, query),
    subscribeRaw(gateway.socketUrl, query),
  ]);
  const { results } = connect().subscribe(query);
  await live(1);
  await eventually(() => counted['opened websocket'] === 3);
  const titles = [0, 1, 40, 60, 70, 80, 100, 3_000, 4_060, 4_100, 65_000, 65_480, 65_536, 70_000, 300_000].map(
    (length) => 'ü"\n'.repeat(length / 3).concat('x'.repeat(length % 3)),
  );
  for (const title of titles) graph.publish('frames', { id: 'n', title });
  const expected = titles.map((title) => ({ data: { noted: { title } } }));
  await eventually(() => results.length === titles.length && raw.events.length === titles.length);
  expect(results).toEqual(expected);
  expect(raw.events.map((event) => JSON.parse(event) as unknown)).toEqual(expected);
  await eventually(() => other.events.length === titles.length);
  expect(other.events).toEqual(raw.events);
  raw.close();
  other.close();
});

test('complete comes after the last event', async () => {
  const raw = await subscribeRaw(gateway.socketUrl, 'subscription { noted(topic: "end") { title } }');
  await live(1);
  for (let n = 0; n < 50; n += 1) graph.publish('end', { id: 'n', title: 'x'.repeat(5_000) });
  graph.finish('end');
  await eventually(() => raw.others.length === 1);
  expect(raw.events).toHaveLength(50);
  expect(raw.others).toEqual(['{"id":"1","type":"complete"}']);
  raw.close();
});

test('different selections on the same stream share it, each with its own completion', async () => {
  const names = connect().subscribe('subscription { noted(topic: "s") { title actor { name } } }');
  const nicknames = connect().subscribe('subscription { noted(topic: "s") { title actor { nickname } } }');
  await eventually(() => counted['opened websocket'] === 2);
  await live(1);
  graph.publish('s', { id: 'n1', title: 't', actor: { id: '1' } });
  await eventually(() => names.results.length === 1 && nicknames.results.length === 1);
  expect(names.results).toEqual([{ data: { noted: { title: 't', actor: { name: 'Ada' } } } }]);
  expect(nicknames.results).toEqual([{ data: { noted: { title: 't', actor: { nickname: 'ada' } } } }]);
  expect(gateway.gateway.openStreams()).toBe(1);
  expect(graph.inbox.liveSubscriptions()).toBe(1);
});

test('a client that comes back soon finds the stream still open', async () => {
  const query = 'subscription { noted(topic: "linger") { title } }';
  const connections = graph.inbox.connections.length;
  const first = connect();
  first.subscribe(query);
  await live(1);
  await first.close();
  await eventually(() => counted['closed websocket'] === 1);
  expect(graph.inbox.liveSubscriptions()).toBe(1);
  graph.publish('linger', { id: 'n1', title: 'to nobody' });
  const { results } = connect().subscribe(query);
  await eventually(() => counted['opened websocket'] === 2);
  graph.publish('linger', { id: 'n2', title: 'to the one who is back' });
  await eventually(() => results.length === 1);
  expect(results).toEqual([{ data: { noted: { title: 'to the one who is back' } } }]);
  expect(graph.inbox.connections.length).toBe(connections + 1);
  expect(counted['upstream of inbox opened']).toBe(1);
});

test('what happens is counted', async () => {
  const query = 'subscription { noted(topic: "m") { title } }';
  const [first, second] = [connect().subscribe(query), connect().subscribe(query)];
  await eventually(() => counted['opened websocket'] === 2);
  await live(1);
  graph.publish('m', { id: 'n1', title: 't' });
  await eventually(() => first.results.length === 1 && second.results.length === 1);
  expect(counted).toEqual({ 'opened websocket': 2, 'upstream of inbox opened': 1, delivered: 2 });
  first.stop();
  graph.finish('m');
  await second.done;
  await eventually(() => counted['closed websocket'] === 2);
  expect(counted['upstream of inbox closed']).toBe(1);
});

test('subscriptions of all clients together are limited', async () => {
  const crowd = [connect(), connect()].map((client) =>
    Array.from({ length: 60 }, () => client.subscribe('subscription { noted(topic: "full") { title } }')),
  );
  await eventually(() => counted['opened websocket'] === 120);
  const query = 'subscription { noted(topic: "full") { title } }';
  await expect(connect().subscribe(query).done).rejects.toMatchObject([
    { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
  ]);
  crowd[0]?.[0]?.stop();
  await eventually(() => counted['closed websocket'] === 1);
  connect().subscribe(query);
  await eventually(() => counted['opened websocket'] === 121);
});

test('an id is free again when its operation is over, even in the same packet', async () => {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws');
  const received: string[] = [];
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.on('message', (data) => received.push((data as Buffer).toString('utf8')));
  const subscribe = (topic: string): string =>
    JSON.stringify({
      id: '1',
      type: 'subscribe',
      payload: { query: `subscription { noted(topic: "${topic}") { title } }` },
    });
  socket.send(subscribe('first'));
  await live(1);
  const { _socket: connection } = socket as unknown as { readonly _socket: { cork(): void; uncork(): void } };
  connection.cork();
  socket.send('{"id":"1","type":"complete"}');
  socket.send(subscribe('second'));
  connection.uncork();
  await eventually(() => counted['opened websocket'] === 2);
  await eventually(() => {
    graph.publish('first', { id: 'n1', title: 'not any more' });
    graph.publish('second', { id: 'n2', title: 'yes' });
    return received.length > 0;
  });
  // A `complete` of the first would be taken for one of the second.
  expect(new Set(received)).toEqual(new Set(['{"id":"1","type":"next","payload":{"data":{"noted":{"title":"yes"}}}}']));
  socket.terminate();
});

test('a thousand subscriptions at once: as many as may be are served, every other is told, and others are not held up', async () => {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws');
  const errors: string[] = [];
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  socket.on('message', (data) => errors.push((data as Buffer).toString('utf8')));
  for (let id = 0; id < 1_000; id += 1) {
    const query = 'subscription { noted(topic: "crowd") { title } }';
    socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }));
  }
  expect(await connect().ask('{ me { name } }')).toEqual({ data: { me: { name: 'Ada' } } });
  await eventually(() => errors.length === 900);
  expect(errors.every((error) => error.includes('TOO_MANY_OPERATIONS'))).toBe(true);
  expect(counted['opened websocket']).toBe(100);
  socket.terminate();
});

test('each of two people gets what the subgraph says to that person alone', async () => {
  const issuer = await startTestIssuer();
  const whispers = await startTestSubgraph({
    name: 'whispers',
    sdl: 'type Query { ok: Boolean } type Subscription { whisper: String! }',
    resolvers: {
      Subscription: {
        whisper: {
          subscribe: async function* (_: unknown, __: unknown, context: unknown) {
            const { connectionParams } = context as { readonly connectionParams: Readonly<Record<string, unknown>> };
            yield `to ${String(connectionParams['x-orion-context'])}`;
            await new Promise(() => undefined);
          },
          resolve: (text: string) => text,
        },
      },
    },
  });
  const guarded = await startTestGateway({
    supergraph: { sdl: await compose([whispers]) },
    tokens: issuer.rules,
    contextSecret: 'a-secret-of-at-least-32-characters',
  });
  const people = await Promise.all(
    ['u1', 'u2', 'u2'].map(async (sub) => {
      const token = await issuer.token({ claims: { sub, sid: `session-of-${sub}` } });
      return connectClient(guarded.socketUrl, { authorization: `Bearer ${token}` });
    }),
  );
  const heard = people.map((person) => person.subscribe('subscription { whisper }').results);
  await eventually(() => (heard[0]?.length ?? 0) === 1 && (heard[1]?.length ?? 0) + (heard[2]?.length ?? 0) >= 1);
  const saidTo = heard.map((results) => {
    const [, statement = ''] = ((results[0]?.data?.['whisper'] as string | undefined) ?? 'nothing').split(' ');
    const [, claims = ''] = statement.split('.');
    return Buffer.from(claims, 'base64url').toString('utf8');
  });
  expect(saidTo[0]).toContain('"u1"');
  expect(saidTo[0]).not.toContain('"u2"');
  for (const said of saidTo.slice(1)) expect(said).not.toContain('"u1"');
  expect(whispers.connections).toHaveLength(2);
  await Promise.all(people.map((person) => person.close()));
  await guarded.stop();
  await whispers.stop();
  await issuer.stop();
});
