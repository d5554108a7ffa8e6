import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTestCertificate } from '@orion/platform/testing';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { composeSupergraph } from '../supergraph/compose.js';
import { connectClient } from '../testing/test-client.js';
import type { TestClient } from '../testing/test-client.js';
import { startTestGateway } from '../testing/test-gateway.js';
import type { GatewayOptions } from '../settings.js';

const SDL = 'type Query { ok: Boolean } type Subscription { news: String }';
const QUERY = 'subscription { news }';
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** Answers each subscription with these messages, over server-sent events always with one event and the end. */
async function startNews(server: Server, messages: readonly object[]) {
  let connections = 0;
  server.on('request', (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('event: next\ndata: {"data":{"news":"safe"}}\n\nevent: complete\ndata: \n\n');
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', (socket: WebSocket) => {
    connections += 1;
    socket.on('message', (data) => {
      const { type, id } = JSON.parse((data as Buffer).toString()) as { readonly type: string; readonly id?: string };
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type === 'subscribe') for (const message of messages) socket.send(JSON.stringify({ id, ...message }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => {
    const closed = once(server, 'close');
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

async function subscribeAt(url: string, options: Partial<GatewayOptions> = {}): Promise<TestClient> {
  const gateway = await startTestGateway({
    supergraph: { sdl: await composeSupergraph([{ name: 'news', url, sdl: SDL, origin: 'news' }]) },
    ...options,
  });
  const client = connectClient(gateway.socketUrl);
  stops.push(
    () => gateway.stop(),
    () => client.close(),
  );
  return client;
}

test.each(['ws', 'sse'] as const)('a subgraph with a certificate of its own is subscribed to over %s', async (name) => {
  const { key, cert } = createTestCertificate();
  const { port } = await startNews(createTlsServer({ key, cert }), [
    { type: 'next', payload: { data: { news: 'safe' } } },
    { type: 'complete' },
  ]);
  const client = await subscribeAt(`https://localhost:${port}/graphql`, {
    subgraphAuthorities: cert,
    subscriptions: { protocols: { news: name } },
  });
  const { results, done } = client.subscribe(QUERY);
  await done;
  expect(results).toEqual([{ data: { news: 'safe' } }]);
});

test.each([
  ['no object', [null], 'SUBREQUEST_MALFORMED'],
  ['no message', [{ path: ['news'] }], 'SUBREQUEST_MALFORMED'],
  ['an error with a path that is none', [{ message: 'no', path: 5 }], 'DOWNSTREAM_SERVICE_ERROR'],
])('a refusal over a WebSocket with %s ends the subscription with an error', async (_name, payload, code) => {
  const news = await startNews(createServer(), [{ type: 'error', payload }]);
  const client = await subscribeAt(`http://127.0.0.1:${news.port}/graphql`);
  await expect(client.subscribe(QUERY).done).rejects.toMatchObject([{ extensions: { code, serviceName: 'news' } }]);
  expect(news.connections()).toBe(1);
});

test('an event over a WebSocket that is no response is an error of that event, and the stream goes on', async () => {
  const { port } = await startNews(createServer(), [
    { type: 'next', payload: { data: { news: 'x' }, errors: [null] } },
    { type: 'next', payload: { result: 1 } },
    { type: 'next', payload: { data: { news: 'well' } } },
    { type: 'complete' },
  ]);
  const client = await subscribeAt(`http://127.0.0.1:${port}/graphql`);
  const { results, done } = client.subscribe(QUERY);
  await done;
  const malformed = { data: { news: null }, errors: [{ extensions: { code: 'SUBREQUEST_MALFORMED' } }] };
  expect(results).toMatchObject([malformed, malformed, { data: { news: 'well' } }]);
});
