import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '@orion/platform/testing';
import { createGateway } from '../create-gateway.js';
import { compose, startTestGateway, testLogger } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';

let graph: TestGraph;
let sdl: string;

beforeAll(async () => {
  graph = await startTestGraph();
  sdl = await compose(graph.subgraphs);
});

afterAll(() => graph.stop());

async function health(url: string, query = ''): Promise<readonly [number, unknown]> {
  const response = await fetch(`${url}/health${query}`);
  return [response.status, await response.json()];
}

test('alive from the first moment, ready when the graph is served', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const gateway = createGateway({ supergraph: { sdl }, port, logger: testLogger });
  const started = gateway.start();
  const first = await eventually(() => health(url));
  expect(first).toEqual([503, { status: 'unavailable', phase: 'starting' }]);
  expect(await health(url, '?live')).toEqual([200, { status: 'ok', phase: 'starting' }]);
  await started;
  expect(await health(url)).toEqual([200, { status: 'ok', phase: 'ready' }]);
  expect(await health(url, '?ready')).toEqual([200, { status: 'ok', phase: 'ready' }]);
  await gateway.stop();
});

test('while it stops, what runs is answered, who comes late on an open connection is told, and nobody else is let in', async () => {
  const gateway = await startTestGateway({ supergraph: { sdl }, drainMs: 5_000 });
  const late = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  await once(late, 'connect');
  const before = graph.accounts.requests.length;
  const slow = post(gateway.endpoint, '{ slow(ms: 500) }');
  await eventually(() => graph.accounts.requests.length > before);
  const stopping = gateway.stop();
  late.write('GET /health HTTP/1.1\r\nhost: gateway\r\n\r\n');
  const told = await textOf(late);
  expect(told).toContain('HTTP/1.1 503');
  expect(told).toMatch(/connection: close/i);
  expect(told).toContain('{"status":"unavailable","phase":"stopping"}');
  await expect(health(gateway.url)).rejects.toThrow('fetch failed');
  expect(await slow).toEqual({ status: 200, connection: 'close' });
  await stopping;
});

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** Over a connection that the client would keep. */
function post(url: string, query: string): Promise<{ status: number | undefined; connection: string | undefined }> {
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode, connection: response.headers.connection });
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ query }));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
