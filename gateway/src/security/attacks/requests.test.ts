import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { eventually } from '@orion/platform/testing';
import { openRawConnection } from '../../testing/raw-connection.js';
import { compose, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestGraph } from '../../testing/test-graph.js';
import type { TestGraph } from '../../testing/test-graph.js';

let graph: TestGraph;
let gateway: TestGateway;
let sdl: string;

beforeAll(async () => {
  graph = await startTestGraph();
  sdl = await compose(graph.subgraphs);
  gateway = await startTestGateway({
    supergraph: { sdl },
    production: true,
    contextSecret: 'a secret of at least thirty-two characters',
    connections: { headersMs: 400, requestMs: 800 },
  });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
});

const QUERY = JSON.stringify({ query: '{ me { id } }' });

/** Everything that the subgraph got while `step` ran. */
async function asksDuring(step: () => Promise<unknown>) {
  const before = graph.accounts.requests.length;
  await step();
  return graph.accounts.requests.slice(before);
}

async function isServing(): Promise<boolean> {
  return (await gateway.ask('{ me { id } }')).status === 200;
}

function post(headers: readonly string[], body: string): string {
  return ['POST /graphql HTTP/1.1', 'host: gateway', ...headers, '', body].join('\r\n');
}

test('ID-68: headers of the gateway itself are never taken from a client', async () => {
  const asks = await asksDuring(async () => {
    const { status } = await gateway.ask('{ me { id } }', {
      headers: {
        'x-orion-context': 'forged',
        'X-Orion-Viewer': 'admin',
        'x-orion-anything': 'x',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'evil.test',
        'x-real-ip': '127.0.0.1',
        forwarded: 'for=127.0.0.1',
        cookie: 'session=stolen',
        'x-api-key': 'k',
      },
    });
    expect(status).toBe(200);
  });
  const [ask] = asks;
  expect(ask?.headers['x-orion-context']).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  for (const name of [
    'x-orion-viewer',
    'x-orion-anything',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-real-ip',
    'forwarded',
    'cookie',
    'x-api-key',
  ])
    expect(ask?.headers[name]).toBeUndefined();
  const [, payload = ''] = String(ask?.headers['x-orion-context']).split('.');
  expect(Buffer.from(payload, 'base64url').toString()).not.toContain('evil');
});

test.each<[string, Record<string, string>, string]>([
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'query=mutation%7Blogin(password%3A%22x%22)%7D'],
  ['a form of text that is JSON', { 'content-type': 'text/plain' }, QUERY],
  ['a form with a file', { 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\n\r\n--x--'],
  ['no type at all', {}, QUERY],
])('ID-74: a page of a foreign site cannot post %s', async (_what, headers, body) => {
  const asks = await asksDuring(async () => {
    const response = await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { ...headers, origin: 'https://evil.test' },
      body: Buffer.from(body),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('CSRF_PREVENTED');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
  expect(asks).toEqual([]);
});

test('ID-74: nor have its image read, nor a link change anything', async () => {
  const get = (query: string, headers: Record<string, string>) =>
    fetch(`${gateway.endpoint}?${String(new URLSearchParams({ query }))}`, { headers });
  const asks = await asksDuring(async () => {
    expect((await get('{ me { id } }', { 'sec-fetch-site': 'cross-site' })).status).toBe(400);
    const mutation = await get('mutation { login(password: "x") }', {});
    expect(mutation.status).toBe(405);
    expect(mutation.headers.get('allow')).toBe('POST');
  });
  expect(asks).toEqual([]);
});

test('ID-74: an origin that is not listed gets no permission, as a simple and as a preflighted request', async () => {
  const preflight = await fetch(gateway.endpoint, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://evil.test',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
});

test('a header of a megabyte is refused before it is read wholly', async () => {
  const connection = await openRawConnection(gateway.url);
  connection.send(post([`x-large: ${'x'.repeat(1_000_000)}`], ''));
  await connection.closed;
  expect(connection.statuses()).toEqual([431]);
  expect(await isServing()).toBe(true);
});

test('two thousand headers are not all believed', async () => {
  const connection = await openRawConnection(gateway.url);
  connection.send(post([...Array.from({ length: 2_000 }, (_, at) => `x-${at}: 1`), 'connection: close'], ''));
  await connection.closed;
  expect(connection.statuses()[0]).toBeGreaterThanOrEqual(400);
  expect(await isServing()).toBe(true);
});

test('who sends headers slowly is cut off in bounded time', async () => {
  const connection = await openRawConnection(gateway.url);
  const startedAt = performance.now();
  connection.send('POST /graphql HTTP/1.1\r\nhost: gateway\r\n');
  const drip = setInterval(() => connection.send('x-a: b\r\n'), 50);
  await connection.closed;
  clearInterval(drip);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(connection.statuses()).toEqual([408]);
});

test('who sends a body slowly as well, and one that never ends', async () => {
  for (const headers of [['content-length: 100000'], ['transfer-encoding: chunked']]) {
    const connection = await openRawConnection(gateway.url);
    const startedAt = performance.now();
    connection.send(post(['content-type: application/json', ...headers], ''));
    const drip = setInterval(() => connection.send(headers[0]?.startsWith('t') === true ? '1\r\n{\r\n' : '{'), 50);
    await connection.closed;
    clearInterval(drip);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(connection.received()).not.toContain('"data"');
  }
  expect(await isServing()).toBe(true);
});

test('who only connects is cut off as well', async () => {
  const connection = await openRawConnection(gateway.url);
  const startedAt = performance.now();
  await connection.closed;
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('who asks and never reads is cut off', async () => {
  const patient = await startTestGateway({ supergraph: { sdl }, connections: { idleMs: 500 } });
  const large = JSON.stringify({
    query: 'query ($t: String!) { echo(text: $t) }',
    variables: { t: 'x'.repeat(500_000) },
  });
  const request = post(['content-type: application/json', `content-length: ${large.length}`], large);
  const connection = await openRawConnection(patient.url);
  try {
    connection.socket.pause();
    for (let sent = 0; sent < 40; sent += 1) connection.send(request);
    const startedAt = performance.now();
    // A client that does not read notices the end of its connection only when it writes.
    const probe = setInterval(() => connection.send('x'), 100);
    await connection.closed;
    clearInterval(probe);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect((await patient.ask('{ me { id } }')).status).toBe(200);
  } finally {
    connection.destroy();
    await patient.stop();
  }
}, 15_000);

test.each<[string, string]>([
  [
    'a length and chunks',
    post(
      ['content-type: application/json', `content-length: ${QUERY.length}`, 'transfer-encoding: chunked'],
      `0\r\n\r\nGET /health HTTP/1.1\r\nhost: x\r\n\r\n`,
    ),
  ],
  [
    'two lengths',
    post(['content-type: application/json', 'content-length: 5', `content-length: ${QUERY.length}`], QUERY),
  ],
  ['chunks that are misspelt', post(['content-type: application/json', 'transfer-encoding: xchunked'], QUERY)],
  [
    'chunks before another coding',
    post(['content-type: application/json', 'transfer-encoding: chunked, identity'], QUERY),
  ],
  ['a space before the colon', post(['content-type: application/json', 'content-length : 5'], QUERY)],
  ['a header on two lines', post(['content-type: application/json', 'content-length:\r\n 5'], QUERY)],
  [
    'a bare line feed in a chunk',
    post(['content-type: application/json', 'transfer-encoding: chunked'], '5;\nx\r\n{"a":\r\n0\r\n\r\n'),
  ],
  ['a length that is no number', post(['content-type: application/json', 'content-length: +5'], QUERY)],
])('a request whose end can be read in two ways is refused, and its connection with it: %s', async (_what, request) => {
  const asks = await asksDuring(async () => {
    const connection = await openRawConnection(gateway.url);
    connection.send(request);
    await connection.closed;
    expect(connection.statuses()).toEqual([400]);
  });
  expect(asks).toEqual([]);
});

test('a second request inside a body stays a body', async () => {
  const smuggled = `${QUERY}GET /health?live HTTP/1.1\r\nhost: x\r\n\r\n`;
  const connection = await openRawConnection(gateway.url);
  connection.send(
    post(['content-type: application/json', `content-length: ${smuggled.length}`, 'connection: close'], smuggled),
  );
  await connection.closed;
  expect(connection.statuses()).toEqual([400]);
});

test('a body over the limit is refused by its announced length, and by what comes when none is announced', async () => {
  const announced = await openRawConnection(gateway.url);
  announced.send(post(['content-type: application/json', 'content-length: 500000000'], '{'));
  await eventually(() => announced.statuses().length > 0);
  expect(announced.statuses()).toEqual([413]);
  announced.destroy();
  const chunked = await openRawConnection(gateway.url);
  chunked.send(post(['content-type: application/json', 'transfer-encoding: chunked'], ''));
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
  for (let sent = 0; sent < 32; sent += 1) chunked.send(chunk);
  await eventually(() => chunked.statuses().length > 0);
  expect(chunked.statuses()).toEqual([413]);
  chunked.destroy();
});

test.each(['gzip', 'br', 'deflate', 'identity, gzip'])(
  'a body that is compressed (%s) is not unpacked',
  async (encoding) => {
    const response = await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body: QUERY,
    });
    expect(response.status).toBe(415);
  },
);

test('bytes that are no UTF-8, and a body that is no JSON, are refused without being shown again', async () => {
  for (const body of [Buffer.from([0x22, 0xff, 0xfe, 0x22]), Buffer.from('{"query": <script>alert(1)</script>')]) {
    const response = await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('json');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('connections over the limit are closed as they come, and the others are served', async () => {
  const small = await startTestGateway({ supergraph: { sdl }, connections: { total: 50 } });
  const sockets: Socket[] = [];
  let closed = 0;
  try {
    const { hostname, port } = new URL(small.url);
    // No more at a time than the system keeps for a server to accept: what it drops itself is no test of the gateway.
    for (let batch = 0; batch < 40; batch += 1) {
      for (let index = 0; index < 250; index += 1) {
        const socket = connect({ host: hostname, port: Number(port) });
        socket.on('error', () => undefined).on('close', () => (closed += 1));
        sockets.push(socket.resume());
      }
      await eventually(() => closed >= sockets.length - 50, { every: 2 });
    }
    expect(closed).toBe(10_000 - 50);
    const survivor = sockets.find((socket) => !socket.destroyed);
    if (survivor === undefined) throw new Error('none was kept');
    survivor.write(post(['content-type: application/json', `content-length: ${QUERY.length}`], QUERY));
    const [answer] = (await once(survivor, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await small.ask('{ me { id } }').catch(() => undefined))?.status === 200);
  } finally {
    for (const socket of sockets) socket.destroy();
    await small.stop();
  }
}, 20_000);
