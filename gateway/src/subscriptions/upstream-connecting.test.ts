import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';

test('a stop while a subgraph has not answered the upgrade is a clean one', async () => {
  const graph = await startTestGraph();
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    subgraphUrls: { inbox: `http://127.0.0.1:${port}/graphql` },
  });
  const connected = once(silent, 'connection');
  const client = createClient({ url: gateway.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const outcome = client.iterate({ query: 'subscription { noted(topic: "t") { title } }' }).next();
  const [socket] = (await connected) as [{ destroy(): void }];
  await Promise.allSettled([gateway.stop(), outcome]);
  await client.dispose();
  socket.destroy();
  silent.close();
  await graph.stop();
  // What the runtime has to say about unheard errors it says in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  expect(gateway.gateway.openStreams()).toBe(0);
});
