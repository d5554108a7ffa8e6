import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';

let graph: TestGraph;
let gateway: TestGateway;
let files: Server;
const asked: string[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  files = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/files/there.webp') {
      response.writeHead(200, {
        'content-type': 'image/webp',
        'cache-control': 'public, max-age=31536000, immutable',
        'set-cookie': 'a=b',
        'content-security-policy': "script-src 'unsafe-inline'",
      });
      return void response.end('bytes');
    }
    if (request.url === '/files/moved.webp') {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      return void response.end();
    }
    response.writeHead(404);
    return void response.end('internal words');
  }).listen(0, '127.0.0.1');
  await once(files, 'listening');
  const { port } = files.address() as AddressInfo;
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    publicFiles: { '/avatars/': `http://127.0.0.1:${port}/files/`, '/away/': 'http://127.0.0.1:1/' },
  });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
  files.close();
  files.closeAllConnections();
});

const get = (path: string, method = 'GET') => fetch(new URL(path, gateway.endpoint), { method, redirect: 'manual' });

test('ID-87: a file of a subgraph is served so that nothing in it can run', async () => {
  const response = await get('/avatars/there.webp');
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('bytes');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/webp',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  });
  expect(response.headers.get('set-cookie')).toBeNull();
  const head = await get('/avatars/there.webp', 'HEAD');
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', '']);
});

test('ID-87: what is no name is asked of nobody', async () => {
  asked.length = 0;
  for (const name of [
    '',
    '..%2f..%2fhealth',
    '%2e%2e%2fhealth',
    'a/b.webp',
    'a.webp?x',
    'a..b',
    'a%00.webp',
    'x'.repeat(300),
    'a b',
  ])
    expect([name, (await get(`/avatars/${name}`)).status]).toEqual([name, 404]);
  expect(asked).toEqual(['/files/a.webp']);
});

test('what is not there is not there, and of what is away nothing is told', async () => {
  const missing = await get('/avatars/missing.webp');
  expect([missing.status, await missing.text()]).toEqual([404, expect.not.stringContaining('internal')]);
  expect((await get('/avatars/moved.webp')).status).toBe(503);
  const away = await get('/away/there.webp');
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await away.text()).not.toContain('ECONNREFUSED');
  // Only reading.
  expect((await get('/avatars/there.webp', 'POST')).status).toBe(404);
});
