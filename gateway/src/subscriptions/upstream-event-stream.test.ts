import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import { eventually } from '@orion/platform/testing';
import { composeSupergraph } from '../supergraph/compose.js';
import { connectClient } from '../testing/test-client.js';
import type { TestClient } from '../testing/test-client.js';
import { startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';

const SECRET = 'a-secret-of-at-least-32-characters';
const SDL = 'type Query { ok: Boolean } type Subscription { news(topic: String): String }';
const QUERY = 'subscription ($topic: String) { news(topic: $topic) }';

/** A subgraph that speaks server-sent events and nothing else, with its responses in the test's hand. */
interface NewsServer {
  readonly port: number;
  readonly requests: {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
    readonly response: ServerResponse;
  }[];
  /** What it does with the next requests. */
  answer: (response: ServerResponse) => void;
  stop(): Promise<void>;
}

function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(':\n\n');
}

async function startNews(port = 0): Promise<NewsServer> {
  const requests: NewsServer['requests'] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ headers: request.headers, body, response });
      news.answer(response);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const news: NewsServer = {
    port: (server.address() as AddressInfo).port,
    requests,
    answer: openStream,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return news;
}

let news: NewsServer;
let gateway: TestGateway;
let client: TestClient;

beforeEach(async () => {
  news = await startNews();
  gateway = await startTestGateway({
    supergraph: {
      sdl: await composeSupergraph([{ name: 'news', url: 'http://127.0.0.1:1/graphql', sdl: SDL, origin: 'news' }]),
    },
    contextSecret: SECRET,
    forwardHeaders: ['x-tenant'],
    subscriptions: {
      protocols: { news: 'sse' },
      urls: { news: `http://127.0.0.1:${news.port}/stream` },
      lingerMs: 0,
    },
  });
  client = connectClient(gateway.socketUrl, { 'X-Tenant': 'blue' });
});

afterEach(async () => {
  await client.close();
  await gateway.stop();
  await news.stop();
});

function next(response: ServerResponse | undefined, value: string): void {
  response?.write(`event: next\ndata: ${JSON.stringify({ data: { news: value } })}\n\n`);
}

test('a subgraph is subscribed to over server-sent events, at the address of its subscriptions, signed', async () => {
  const { results, done } = client.subscribe(QUERY, { topic: 't' });
  const opened = await eventually(() => news.requests[0]);
  expect(opened.headers).toMatchObject({
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'x-tenant': 'blue',
  });
  expect(JSON.parse(opened.body)).toMatchObject({ variables: { topic: 't' } });
  const statement = opened.headers[CONTEXT_HEADER] as string;
  expect(await verifyContext(statement, { secret: SECRET, audience: 'news', body: opened.body })).toMatchObject({
    viewer: null,
  });
  next(opened.response, 'one');
  next(opened.response, 'two');
  opened.response.end('event: complete\ndata: \n\n');
  await done;
  expect(results).toEqual([{ data: { news: 'one' } }, { data: { news: 'two' } }]);
});

test('the last client that goes away ends the request', async () => {
  const { stop } = client.subscribe(QUERY);
  const opened = await eventually(() => news.requests[0]);
  const closed = once(opened.response, 'close');
  stop();
  await closed;
  expect(gateway.gateway.openStreams()).toBe(0);
});

test('a stream that breaks is opened again, and the next event says that there was a gap', async () => {
  const { results } = client.subscribe(QUERY);
  const first = await eventually(() => news.requests[0]);
  next(first.response, 'before');
  await eventually(() => results.length === 1);
  first.response.destroy();
  const second = await eventually(() => news.requests[1]);
  next(second.response, 'after');
  next(second.response, 'later');
  await eventually(() => results.length === 3);
  expect(results).toEqual([
    { data: { news: 'before' } },
    { data: { news: 'after' }, extensions: { gap: true } },
    { data: { news: 'later' } },
  ]);
});

test.each([
  [
    'errors in plain JSON',
    200,
    'application/json',
    '{"errors":[{"message":"no such topic","extensions":{"code":"NOT_FOUND"}}]}',
    'no such topic',
    'NOT_FOUND',
  ],
  ['a status that is final', 404, 'text/html', '<h1>nothing here</h1>', 'HTTP 404', 'SUBREQUEST_HTTP_ERROR'],
  ['something else than a stream', 200, 'text/html', '<h1>hello</h1>', '"text/html" instead', 'SUBREQUEST_HTTP_ERROR'],
])('%s ends the subscription at once with the reason', async (_name, status, type, body, message, code) => {
  news.answer = (response) => response.writeHead(status, { 'content-type': type }).end(body);
  await expect(client.subscribe(QUERY).done).rejects.toMatchObject([
    { message: expect.stringContaining(message) as string, extensions: { code, serviceName: 'news' } },
  ]);
  expect(news.requests).toHaveLength(1);
});

test.each([
  ['no object', '[null]', 'SUBREQUEST_MALFORMED'],
  ['half an error', '[{"message":"no"},7]', 'SUBREQUEST_MALFORMED'],
  ['an error with a path that is none', '[{"message":"no","path":5}]', 'DOWNSTREAM_SERVICE_ERROR'],
])('a refusal with %s ends the subscription with an error', async (_name, errors, code) => {
  news.answer = (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"errors":${errors}}`);
  await expect(client.subscribe(QUERY).done).rejects.toMatchObject([{ extensions: { code } }]);
  expect(news.requests).toHaveLength(1);
});

test.each([
  ['no JSON', 'hello'],
  ['no response', '{"result":1}'],
  ['data that is a list', '{"data":[1]}'],
  ['errors that are no objects', '{"data":{"news":"x"},"errors":[null]}'],
])('an event with %s is an error of that event, and the stream goes on', async (_name, data) => {
  const { results } = client.subscribe(QUERY);
  const { response } = await eventually(() => news.requests[0]);
  response.write(`event: next\ndata: ${data}\n\n`);
  next(response, 'well');
  await eventually(() => results.length === 2);
  expect(results).toMatchObject([
    { data: { news: null }, errors: [{ extensions: { code: 'SUBREQUEST_MALFORMED', serviceName: 'news' } }] },
    { data: { news: 'well' } },
  ]);
  expect(news.requests).toHaveLength(1);
});

test('a subgraph that is busy is tried again', async () => {
  let attempts = 0;
  news.answer = (response) => {
    attempts += 1;
    if (attempts < 3) response.writeHead(503).end();
    else openStream(response);
  };
  const { results } = client.subscribe(QUERY);
  await eventually(() => attempts === 3);
  next(news.requests[2]?.response, 'at last');
  await eventually(() => results.length === 1);
  // Nobody has missed anything: it was never open before.
  expect(results).toEqual([{ data: { news: 'at last' } }]);
});
