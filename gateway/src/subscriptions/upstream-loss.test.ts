import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@orion/platform/testing';
import { WebSocketServer } from 'ws';
import { connectClient } from '../testing/test-client.js';
import type { TestClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import type { SubscriptionSettings } from '../settings.js';

const QUERY = 'subscription { noted(topic: "t") { title } }';
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function start(
  settings: Partial<SubscriptionSettings>,
): Promise<{ readonly graph: TestGraph; readonly gateway: TestGateway; readonly client: TestClient }> {
  const graph = await startTestGraph();
  const gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    forwardHeaders: ['authorization'],
    subscriptions: { lingerMs: 0, ...settings },
  });
  const client = connectClient(gateway.socketUrl, { Authorization: 'Bearer of the client' });
  stops.push(
    () => graph.stop(),
    () => gateway.stop(),
    () => client.close(),
  );
  return { graph, gateway, client };
}

test('resume: the first event after the subgraph was lost says that some may be missing', async () => {
  const { graph, client } = await start({ onUpstreamLoss: 'resume' });
  const { results } = client.subscribe(QUERY);
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.publish('t', { id: 'n1', title: 'before' });
  await eventually(() => results.length === 1);
  graph.inbox.dropConnections();
  await eventually(() => graph.inbox.connections.length === 2 && graph.inbox.liveSubscriptions() === 1);
  graph.publish('t', { id: 'n2', title: 'after' });
  graph.publish('t', { id: 'n3', title: 'later' });
  await eventually(() => results.length === 3);
  expect(results).toEqual([
    { data: { noted: { title: 'before' } } },
    { data: { noted: { title: 'after' } }, extensions: { gap: true } },
    { data: { noted: { title: 'later' } } },
  ]);
});

test('complete: the client is told at once, and the operation is over', async () => {
  const { graph, gateway, client } = await start({ onUpstreamLoss: 'complete' });
  const { done } = client.subscribe(QUERY);
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.inbox.dropConnections();
  await expect(done).rejects.toMatchObject([
    {
      message: 'The event stream of the subgraph "inbox" was lost.',
      extensions: { code: 'SUBREQUEST_WS_ERROR', serviceName: 'inbox' },
    },
  ]);
  expect(gateway.gateway.openStreams()).toBe(0);
});

test('complete, over server-sent events: the error, then the end', async () => {
  const { graph, gateway } = await start({ onUpstreamLoss: 'complete' });
  const response = await fetch(gateway.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: QUERY }),
  });
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.inbox.dropConnections();
  expect(await response.text()).toMatch(
    /event: next\ndata: \{"errors":[^]*SUBREQUEST_WS_ERROR[^]*event: complete\ndata: \n\n$/,
  );
});

test('a subgraph that refuses the WebSocket is named with what to do about it, without another try', async () => {
  const refusing = createServer();
  let attempts = 0;
  refusing.on('upgrade', (_request, socket) => {
    attempts += 1;
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  });
  refusing.listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  stops.push(async () => {
    const closed = once(refusing, 'close');
    refusing.close();
    await closed;
  });
  const { port } = refusing.address() as AddressInfo;
  const { client } = await start({ urls: { inbox: `http://127.0.0.1:${port}/events` } });
  await expect(client.subscribe(QUERY).done).rejects.toMatchObject([
    {
      message: expect.stringContaining(
        `The subgraph "inbox" refuses a WebSocket at ws://127.0.0.1:${port}/events with HTTP 404`,
      ) as string,
      extensions: { code: 'SUBREQUEST_WS_ERROR' },
    },
  ]);
  expect(attempts).toBe(1);
});

test('a subgraph that closes the socket for good is not tried again', async () => {
  const refusing = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  let attempts = 0;
  refusing.on('connection', (socket) => {
    attempts += 1;
    socket.close(4400, 'not like this');
  });
  await once(refusing, 'listening');
  stops.push(async () => {
    const closed = once(refusing, 'close');
    refusing.close();
    await closed;
  });
  const { port } = refusing.address() as AddressInfo;
  const { client } = await start({ urls: { inbox: `http://127.0.0.1:${port}/graphql` } });
  await expect(client.subscribe(QUERY).done).rejects.toMatchObject([
    {
      message: 'The event stream of the subgraph "inbox" was lost: 4400 not like this.',
      extensions: { code: 'SUBREQUEST_WS_ERROR' },
    },
  ]);
  expect(attempts).toBe(1);
});

test('forwarded headers go to a subgraph as connectionParams', async () => {
  const { graph, client } = await start({});
  client.subscribe(QUERY);
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  expect(graph.inbox.connections).toEqual([{ authorization: 'Bearer of the client' }]);
});

test('an event that another subgraph does not complete in time is an error, and the next one comes', async () => {
  const { graph, client } = await start({ eventTimeoutMs: 300 });
  const { results } = client.subscribe('subscription { noted(topic: "t") { title actor { nickname } } }');
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.accounts.hold();
  graph.publish('t', { id: 'n1', title: 'slow', actor: { id: '1' } });
  await eventually(() => results.length === 1);
  expect(results[0]).toMatchObject({ data: { noted: { title: 'slow', actor: { nickname: null } } }, errors: [{}] });
  graph.publish('t', { id: 'n2', title: 'next', actor: null });
  await eventually(() => results.length === 2);
  expect(results[1]).toEqual({ data: { noted: { title: 'next', actor: null } } });
});
