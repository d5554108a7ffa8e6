import type { EventEnvelope } from '@orion/platform/events';
import { eventually } from '@orion/platform/testing';
import type { AnnouncementFeed } from '../security/follow-announcements.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';

const SSE = 'text/event-stream';
const MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json';
const SUBSCRIPTION = 'subscription { noted(topic: "t") { title actor { name } } }';
let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway;
let announce: (sessionId: string) => void;
const aborts: AbortController[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  const revocationFeed: AnnouncementFeed = {
    tail: (_topics, { onEvent }) => {
      announce = (sessionId) =>
        onEvent({ id: '1', type: 'dev.orion.session.revoked.v1', data: { sessionId } } as EventEnvelope);
      return Promise.resolve({ caughtUp: Promise.resolve(), stop: () => Promise.resolve() });
    },
  };
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: issuer.rules,
    revocationFeed,
    connections: { heartbeatMs: 50, perIp: 3 },
  });
});

afterEach(async () => {
  for (const abort of aborts.splice(0)) abort.abort();
  await eventually(() => gateway.gateway.openStreams() === 0 && graph.inbox.liveSubscriptions() === 0);
});

afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
  await graph.stop();
});

interface OpenStream {
  readonly status: number;
  readonly contentType: string | null;
  /** Everything received until now. */
  text(): string;
  readonly ended: Promise<void>;
  abort(): void;
}

async function open(
  accept: string,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OpenStream> {
  const abort = new AbortController();
  aborts.push(abort);
  const response = await fetch(gateway.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query }),
    signal: abort.signal,
  });
  let received = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      received += decoder.decode(chunk, { stream: true });
  })();
  // Whoever cares awaits it; a test that aborts does not.
  ended.catch(() => undefined);
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    text: () => received,
    ended,
    abort: () => abort.abort(),
  };
}

test('server-sent events carry a subscription across subgraphs, with heartbeats and an end', async () => {
  const stream = await open(SSE, SUBSCRIPTION);
  expect(stream.contentType).toBe('text/event-stream; charset=utf-8');
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.publish('t', { id: 'n1', title: 'hello', actor: { id: '1' } });
  await eventually(() =>
    stream.text().includes('event: next\ndata: {"data":{"noted":{"title":"hello","actor":{"name":"Ada"}}}}\n\n'),
  );
  await eventually(() => stream.text().split(':\n\n').length > 3);
  graph.finish('t');
  await stream.ended;
  expect(stream.text().endsWith('event: complete\ndata: \n\n')).toBe(true);
});

test('a browser can subscribe with EventSource, which is a GET, and cannot change anything with it', async () => {
  const get = (query: string, headers: Record<string, string> = {}) => {
    const abort = new AbortController();
    aborts.push(abort);
    const url = `${gateway.endpoint}?${String(new URLSearchParams({ query, variables: '{"t":"t"}' }))}`;
    return fetch(url, { headers: { accept: SSE, ...headers }, signal: abort.signal });
  };
  const response = await get('subscription ($t: String!) { noted(topic: $t) { title } }');
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.publish('t', { id: 'n1', title: 'by GET', actor: null });
  graph.finish('t');
  expect(await response.text()).toContain('"by GET"');
  expect(await (await get('{ me { name } }')).text()).toContain('"Ada"');
  const mutation = await get('mutation { login(password: "x") }');
  expect(mutation.status).toBe(405);
  expect(mutation.headers.get('allow')).toBe('POST');
  const foreign = await get('subscription { noted(topic: "t") { title } }', { origin: 'https://evil.example' });
  expect(foreign.status).toBe(400);
});

test('multipart carries the same as Apollo clients read it', async () => {
  const stream = await open(MULTIPART, SUBSCRIPTION);
  expect(stream.contentType).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  graph.publish('t', { id: 'n1', title: 'hello', actor: { id: '2' } });
  graph.publish('t', { id: 'n2', title: 'again', actor: null });
  await eventually(() => stream.text().includes('again'));
  graph.finish('t');
  await stream.ended;
  const parts = stream.text().split('\r\n--graphql');
  expect(parts[0]).toBe('');
  expect(parts.at(-1)).toBe('--\r\n');
  const bodies = parts.slice(1, -1).map((part) => {
    expect(part.startsWith('\r\ncontent-type: application/json\r\n\r\n')).toBe(true);
    return JSON.parse(part.slice(part.indexOf('\r\n\r\n'))) as object;
  });
  expect(bodies.filter((body) => 'payload' in body)).toEqual([
    { payload: { data: { noted: { title: 'hello', actor: { name: 'Grace' } } } } },
    { payload: { data: { noted: { title: 'again', actor: null } } } },
  ]);
});

test('a stream and a socket with the same subscription share the upstream', async () => {
  const streams = await Promise.all([open(SSE, SUBSCRIPTION), open(MULTIPART, SUBSCRIPTION)]);
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  expect(gateway.gateway.openStreams()).toBe(1);
  graph.publish('t', { id: 'n1', title: 'both', actor: null });
  await eventually(() => streams.every((stream) => stream.text().includes('both')));
});

test('queries over SSE answer once and complete; invalid ones say so in the stream', async () => {
  const query = await open(SSE, '{ me { name } }');
  await query.ended;
  expect(query.text()).toBe(':\n\nevent: next\ndata: {"data":{"me":{"name":"Ada"}}}\n\nevent: complete\ndata: \n\n');
  const invalid = await open(SSE, 'subscription { nope }');
  await invalid.ended;
  expect(invalid.text()).toContain('GRAPHQL_VALIDATION_FAILED');
});

test('a client that offers multipart gets JSON for a query', async () => {
  const query = await open(MULTIPART, '{ me { name } }');
  await query.ended;
  expect(query.contentType).toContain('json');
  expect(JSON.parse(query.text())).toEqual({ data: { me: { name: 'Ada' } } });
});

test('a client that goes away ends its upstream', async () => {
  const stream = await open(SSE, SUBSCRIPTION);
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  stream.abort();
  await eventually(() => graph.inbox.liveSubscriptions() === 0);
});

test('a revoked session ends the stream with the reason', async () => {
  const authorization = `Bearer ${await issuer.token({ claims: { sid: 'gone' } })}`;
  const stream = await open(SSE, SUBSCRIPTION, { authorization });
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  announce('gone');
  await stream.ended;
  expect(stream.text()).toMatch(/UNAUTHENTICATED[^]*event: complete/);
  expect((await open(SSE, SUBSCRIPTION, { authorization })).status).toBe(401);
});

test('streams of one address are limited', async () => {
  await Promise.all([open(SSE, SUBSCRIPTION), open(SSE, SUBSCRIPTION), open(SSE, SUBSCRIPTION)]);
  expect((await open(SSE, SUBSCRIPTION)).status).toBe(429);
});
