import { eventually } from '@orion/platform/testing';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway, testLogger } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestReceiver } from '../testing/test-receiver.js';
import type { ReceivedSpan, TestReceiver } from '../testing/test-receiver.js';
import { createOtelTracer } from './otel-tracer.js';
import type { Tracer } from './tracing.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT = 'b7ad6b7169203331';
const TWO_SUBGRAPHS = 'query Notes($id: ID!) { notes { title actor { name } } user(id: $id) { nickname } }';

let graph: TestGraph;
let receiver: TestReceiver;
let tracer: Tracer;
let gateway: TestGateway;

beforeAll(async () => {
  graph = await startTestGraph();
});

afterAll(() => graph.stop());

beforeEach(async () => {
  receiver = await startTestReceiver();
  tracer = createOtelTracer({ endpoint: receiver.endpoint, serviceName: 'test', ratio: 1, logger: testLogger });
  gateway = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) }, tracer });
});

afterEach(async () => {
  await gateway.stop();
  await receiver.stop();
});

/** What has been recorded, as lines of a tree: each span indented below the one that started it. */
function treeOf(spans: readonly ReceivedSpan[], parent: string, depth = 0): readonly string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .flatMap((span) => [`${'  '.repeat(depth)}${span.name}`, ...treeOf(spans, span.spanId, depth + 1)]);
}

function named(name: string): readonly ReceivedSpan[] {
  return receiver.spans.filter((span) => span.name === name);
}

test("a query is a tree below the client's span, down to the subgraphs, which are told their span", async () => {
  const before = [graph.accounts.requests.length, graph.inbox.requests.length] as const;
  const answer = await gateway.ask(TWO_SUBGRAPHS, {
    variables: { id: '2' },
    headers: { traceparent: `00-${TRACE}-${CLIENT}-01` },
  });
  expect(answer.errors).toBeUndefined();
  await tracer.close();

  const calls = [...graph.accounts.requests.slice(before[0]), ...graph.inbox.requests.slice(before[1])];
  const fetches = receiver.spans.filter(({ name }) => name.startsWith('fetch '));
  expect(fetches).toHaveLength(calls.length);
  expect(calls.map(({ headers }) => String(headers['traceparent'])).toSorted()).toEqual(
    fetches.map(({ spanId }) => `00-${TRACE}-${spanId}-01`).toSorted(),
  );
  const tree = treeOf(receiver.spans, CLIENT);
  expect(tree.slice(0, 4)).toEqual(['query', '  parse and validate', '  plan', '  execute']);
  expect(tree.slice(4).toSorted()).toEqual(
    calls.map((_, i) => (i === 0 ? '    fetch inbox' : '    fetch accounts')).toSorted(),
  );
  expect(receiver.spans.every(({ traceId }) => traceId === TRACE)).toBe(true);
  expect(named('query')[0]?.attributes).toMatchObject({
    'graphql.operation.name': 'Notes',
    'http.response.status_code': 200,
  });
  expect(named('fetch inbox')[0]?.attributes).toMatchObject({
    'orion.subgraph.name': 'inbox',
    'url.full': graph.inbox.url,
    'http.response.status_code': 200,
  });
});

test('an operation that is known already is neither parsed nor planned again', async () => {
  await gateway.ask(TWO_SUBGRAPHS, { variables: { id: '1' } });
  await gateway.ask(TWO_SUBGRAPHS, { variables: { id: '2' } });
  await tracer.close();
  expect(named('query')).toHaveLength(2);
  expect(named('execute')).toHaveLength(2);
  expect(named('parse and validate')).toHaveLength(1);
  expect(named('plan')).toHaveLength(1);
});

test('neither documents, variables, tokens nor addresses of clients are recorded', async () => {
  await gateway.ask('query Greet($text: String!) { echo(text: $text) secretAlias: echo(text: "literal-secret") }', {
    variables: { text: 'variable-secret' },
    headers: { cookie: 'cookie-secret', 'user-agent': 'agent-secret' },
  });
  await tracer.close();
  expect(named('query')).toHaveLength(1);
  expect(JSON.stringify(receiver.spans)).not.toMatch(/secret/i);
});

test('health checks are not traced, and a refused request is one span', async () => {
  await fetch(`${gateway.url}/health`);
  await fetch(gateway.endpoint, { method: 'PUT' });
  await tracer.close();
  expect(receiver.spans.map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
    ['PUT /graphql', 405],
  ]);
});

test('a query on a WebSocket has a trace of its own', async () => {
  const client = connectClient(gateway.socketUrl);
  await client.ask('query Me { me { name } }');
  await client.close();
  await tracer.close();
  expect(treeOf(receiver.spans, '').filter((line) => !line.startsWith('  '))).toEqual(['query']);
  expect(treeOf(receiver.spans, '').at(-1)).toBe('    fetch accounts');
  expect(named('query')[0]?.attributes['graphql.operation.name']).toBe('Me');
});

test('the events of a subscription have traces of their own that link to it', async () => {
  const client = connectClient(gateway.socketUrl);
  const subscribed = client.subscribe('subscription Noted { noted(topic: "traced") { title actor { name } } }');
  await eventually(() => graph.inbox.liveSubscriptions() > 0);
  graph.publish('traced', { id: '1', title: 'first', actor: { id: '1' } });
  graph.publish('traced', { id: '2', title: 'second', actor: { id: '2' } });
  await eventually(() => subscribed.results.length === 2);
  const told = graph.accounts.requests.at(-1)?.headers['traceparent'];
  await client.close();
  await tracer.close();
  const [subscription] = named('subscription');
  const events = named('subscription event');
  expect(subscription?.attributes['graphql.operation.name']).toBe('Noted');
  expect(events.map(({ links }) => links)).toEqual([[subscription?.spanId], [subscription?.spanId]]);
  expect(new Set([subscription, ...events].map((span) => span?.traceId)).size).toBe(3);
  const fetched = named('fetch accounts').at(-1);
  expect(events.map(({ spanId }) => spanId)).toContain(fetched?.parentSpanId);
  expect(told).toBe(`00-${fetched?.traceId}-${fetched?.spanId}-01`);
});

test("without a tracer the client's traceparent reaches the subgraphs as it is", async () => {
  const plain = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) } });
  const traceparent = `00-${TRACE}-${CLIENT}-01`;
  await plain.ask('{ me { name } }', { headers: { traceparent } });
  expect(graph.accounts.requests.at(-1)?.headers['traceparent']).toBe(traceparent);
  await plain.stop();
});
