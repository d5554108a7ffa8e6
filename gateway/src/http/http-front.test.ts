import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';

let graph: TestGraph;
let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  graph = await startTestGraph();
  folder = await mkdtemp(join(tmpdir(), 'gateway-pages-'));
  await mkdir(join(folder, 'pages/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'not yours');
  await writeFile(join(folder, 'pages/index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'pages/assets/app-abcdef12.js'), 'export const x = 1;');
  await symlink(join(folder, 'secret.txt'), join(folder, 'pages/link.txt'));
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    corsOrigins: ['https://app.example'],
    pages: [{ path: '/graphiql', directory: join(folder, 'pages') }],
    maxBodyBytes: 100_000,
  });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
  await rm(folder, { recursive: true });
});

async function post(body: string, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }) {
  const response = await fetch(gateway.endpoint, { method: 'POST', headers, body });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

function codeOf(body: Record<string, unknown>): unknown {
  return (body['errors'] as { extensions: { code: string } }[])[0]?.extensions.code;
}

test('answers a query across two subgraphs', async () => {
  const { status, data, errors } = await gateway.ask('{ notes { title actor { name } } me { nickname } }');
  expect(errors).toBeUndefined();
  expect(status).toBe(200);
  expect(data).toEqual({
    notes: [
      { title: 'first', actor: { name: 'Ada' } },
      { title: 'second', actor: { name: 'Ada' } },
    ],
    me: { nickname: 'ada' },
  });
});

test('the status of an invalid operation follows the media type that the client accepts', async () => {
  const invalid = { query: '{ nope }' };
  const statusFor = async (accept: string): Promise<number> =>
    (await post(JSON.stringify(invalid), { 'content-type': 'application/json', accept })).status;
  expect(await statusFor('application/graphql-response+json')).toBe(400);
  expect(await statusFor('application/json')).toBe(200);
});

test('refuses a body over the limit with 413 and goes on serving', async () => {
  const tooLarge = await post(
    JSON.stringify({ query: '{ me { id } }', variables: { padding: 'x'.repeat(2_000_000) } }),
  );
  expect(tooLarge.status).toBe(413);
  expect(codeOf(tooLarge.body)).toBe('PAYLOAD_TOO_LARGE');
  expect((await gateway.ask('{ me { id } }')).status).toBe(200);
});

test('stops reading a body of unknown length at the limit', async () => {
  const status = await new Promise<number>((resolve, reject) => {
    const sending = request(
      gateway.endpoint,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
        sending.destroy();
      },
    );
    sending.on('error', reject);
    sending.write('{"query":"');
    const more = (): void => {
      if (!sending.destroyed) sending.write('x'.repeat(50_000), () => setImmediate(more));
    };
    more();
  });
  expect(status).toBe(413);
});

test.each([
  ['text that is no JSON', '{"query": ', 400],
  ['a batch', '[{"query":"{ me { id } }"}]', 400],
  ['a number', '3', 400],
  ['an empty body', '', 400],
  ['no query', '{"variables":{}}', 400],
  ['a query that is no text', '{"query":{"kind":"Document"}}', 400],
  ['variables that are a list', '{"query":"{ me { id } }","variables":[]}', 400],
])('refuses %s with 400', async (_what, body, expected) => {
  const { status, body: answer } = await post(body);
  expect(status).toBe(expected);
  expect(codeOf(answer)).toBe('BAD_REQUEST');
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
  'refuses the content type %s with 415',
  async (type) => {
    const { status, body } = await post('{"query":"{ me { id } }"}', { 'content-type': type });
    expect(status).toBe(415);
    expect(JSON.stringify(body)).toContain('application/json');
  },
);

test('a form that a foreign page posts is prevented and told what to send', async () => {
  const { status, body } = await post('query=mutation', {
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
  });
  expect(status).toBe(400);
  expect(codeOf(body)).toBe('CSRF_PREVENTED');
  expect(JSON.stringify(body)).toContain('apollo-require-preflight');
});

test('a GET query works for programs, and not for a foreign page', async () => {
  const url = `${gateway.endpoint}?query=${encodeURIComponent('{ me { name } }')}`;
  const plain = await fetch(url);
  expect(await plain.json()).toEqual({ data: { me: { name: 'Ada' } } });
  // fetch() sets Sec-Fetch-Mode itself, so the raw request is written by hand.
  expect(
    await rawStatus(
      `GET ${new URL(url).pathname}${new URL(url).search} HTTP/1.1\r\nhost: x\r\nsec-fetch-site: cross-site\r\nconnection: close\r\n\r\n`,
    ),
  ).toBe(400);
});

test('ID-74: a mutation over GET is refused with 405', async () => {
  const response = await fetch(`${gateway.endpoint}?query=${encodeURIComponent('mutation { login(password: "x") }')}`);
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toContain('POST');
});

test('other methods get 405 with Allow, other paths 404 with what exists', async () => {
  const put = await fetch(gateway.endpoint, { method: 'PUT' });
  expect(put.status).toBe(405);
  expect(put.headers.get('allow')).toBe('GET, POST, OPTIONS');
  const nowhere = await fetch(`${gateway.url}/nowhere`);
  expect(nowhere.status).toBe(404);
  expect(JSON.stringify(await nowhere.json())).toMatch(/\/graphql.*\/graphiql.*\/health/);
});

test('keeps a well-formed request id, replaces another, and names it in errors', async () => {
  const kept = await gateway.ask('{ nope }', { headers: { 'x-request-id': 'client-id-12345' } });
  expect(kept.headers.get('x-request-id')).toBe('client-id-12345');
  expect(kept.errors?.[0]?.extensions).toMatchObject({
    code: 'GRAPHQL_VALIDATION_FAILED',
    requestId: 'client-id-12345',
  });
  const replaced = await gateway.ask('{ me { id } }', { headers: { 'x-request-id': 'a b"c' } });
  expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('allows CORS for the allow-list only', async () => {
  const preflight = (origin: string) =>
    fetch(gateway.endpoint, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
  const allowed = await preflight('https://app.example');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
  const refused = await preflight('https://evil.example');
  expect(refused.status).toBe(403);
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
});

test('a page of an allowed origin may read what the headers of an answer tell it', async () => {
  const { headers } = await gateway.ask('{ me { id } }', { headers: { origin: 'https://app.example' } });
  expect(headers.get('access-control-expose-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy', 'x-orion-sql-statements']),
  );
});

test('keeps a connection open for longer than proxies keep theirs', async () => {
  const { headers } = await post(JSON.stringify({ query: '{ me { id } }' }));
  expect(Number(/^timeout=(\d+)$/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
});

test('sends security headers with every answer', async () => {
  const { headers } = await gateway.ask('{ me { id } }');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  expect(headers.get('strict-transport-security')).toBeNull();
});

test.each([
  ['https://api.example', true, 'max-age=31536000; includeSubDomains'],
  ['http://api.example', true, null],
  ['https://api.example', false, null],
])('at %s, in production: %s, browsers are told to stay with https: %s', async (publicUrl, production, expected) => {
  const other = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) }, publicUrl, production });
  try {
    expect((await other.ask('{ me { id } }')).headers.get('strict-transport-security')).toBe(expected);
  } finally {
    await other.stop();
  }
});

test('serves a mounted folder with its types, and nothing outside it', async () => {
  const index = await fetch(`${gateway.url}/graphiql/`);
  expect(index.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(index.headers.get('content-security-policy')).toContain("connect-src 'self';");
  expect(await index.text()).toContain('<title>page</title>');
  const script = await fetch(`${gateway.url}/graphiql/assets/app-abcdef12.js`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
  for (const path of [
    '/graphiql/../secret.txt',
    '/graphiql/%2e%2e/secret.txt',
    '/graphiql/..%2fsecret.txt',
    '/graphiql/link.txt',
    '/graphiql/%00',
  ]) {
    expect(await rawStatus(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toBe(404);
  }
});

test('sends a browser that opens /graphql to GraphiQL, and has a landing page and a sandbox', async () => {
  const browser = await fetch(gateway.endpoint, { headers: { accept: 'text/html,*/*' }, redirect: 'manual' });
  expect(browser.status).toBe(302);
  expect(browser.headers.get('location')).toBe('/graphiql/');
  expect(await (await fetch(gateway.url)).text()).toContain('/graphiql/');
  const sandbox = await (await fetch(`${gateway.url}/sandbox`)).text();
  expect(sandbox).toContain('needs the internet');
  expect(sandbox).toContain('href="/graphiql/"');
});

test('links nothing that is not mounted', async () => {
  const bare = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) } });
  try {
    expect(await (await fetch(`${bare.url}/sandbox`)).text()).not.toContain('/graphiql');
    expect(await (await fetch(bare.url)).text()).not.toContain('/graphiql');
    const browser = await fetch(bare.endpoint, { headers: { accept: 'text/html,*/*' }, redirect: 'manual' });
    expect(browser.headers.get('location')).toBe('/');
  } finally {
    await bare.stop();
  }
});

test('is live and ready, and has no keys without JWKS_URL', async () => {
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/health?ready`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/health?live`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/.well-known/jwks.json`)).status).toBe(404);
});

test('a subscription that selects nothing with its variables is a bad input, over GET and POST', async () => {
  const query = 'subscription ($no: Boolean!) { noted(topic: "t") @include(if: $no) { id } }';
  const parameters = new URLSearchParams({ query, variables: '{"no":false}' });
  const accept = 'application/graphql-response+json';
  const got = await fetch(`${gateway.endpoint}?${String(parameters)}`, { headers: { accept } });
  expect(got.status).toBe(400);
  expect(codeOf((await got.json()) as Record<string, unknown>)).toBe('BAD_USER_INPUT');
  const old = await post(JSON.stringify({ query, variables: { no: false } }));
  expect(old.status).toBe(200);
  expect(codeOf(old.body)).toBe('BAD_USER_INPUT');
  expect(codeOf((await post(JSON.stringify({ query }))).body)).toBe('BAD_USER_INPUT');
  const plain = await fetch(`${gateway.endpoint}?${String(new URLSearchParams({ query, variables: '{"no":true}' }))}`);
  expect(plain.status).toBe(406);
});

test('null as a condition is a bad input, wherever it stands', async () => {
  for (const query of [
    'query ($x: Boolean = true) { me @include(if: $x) { id } }',
    'query ($x: Boolean = true) { ...F } fragment F on Query { me { id @skip(if: $x) } }',
    'subscription ($x: Boolean = true) { noted(topic: "t") { id @skip(if: $x) } }',
  ]) {
    const { status, errors } = await gateway.ask(query, { variables: { x: null } });
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  }
});

test.each(['?query={me{id}}&query={me{id}}', '?query={me{id}}&variables={', '?query={me{id}}&variables=[]', '?x=1'])(
  'a GET with %s is refused with 400',
  async (search) => {
    const response = await fetch(`${gateway.endpoint}${search}`);
    expect(response.status).toBe(400);
    expect(codeOf((await response.json()) as Record<string, unknown>)).toBe('BAD_REQUEST');
  },
);

test('a subscription over plain JSON is told which streams exist', async () => {
  const { status, errors } = await gateway.ask('subscription { noted(topic: "t") { id } }');
  expect(status).toBe(406);
  expect(errors?.[0]?.message).toContain('text/event-stream');
});

/** Status of an answer to bytes that no HTTP client would send. */
function rawStatus(text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('end', () => resolve(Number(received.split(' ')[1])));
    socket.on('error', reject);
  });
}
