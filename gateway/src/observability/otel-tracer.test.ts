import { recordingLogger, testLogger } from '../testing/test-gateway.js';
import { startTestReceiver } from '../testing/test-receiver.js';
import type { TestReceiver } from '../testing/test-receiver.js';
import { createOtelTracer } from './otel-tracer.js';

const REQUEST = { name: 'POST /graphql', requestId: 'request-1', traceparent: undefined };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const ACCOUNTS = { name: 'accounts', url: 'https://accounts.test/graphql' };

let receiver: TestReceiver;

beforeEach(async () => {
  receiver = await startTestReceiver();
});

afterEach(() => receiver.stop());

function tracerOf({ ratio = 1, logger = testLogger } = {}) {
  return createOtelTracer({ endpoint: `${receiver.endpoint}/`, serviceName: 'gateway-1', ratio, logger });
}

test('a request, its steps and its fetches are one tree', async () => {
  const tracer = tracerOf();
  const request = tracer.startRequest(REQUEST);
  request.nameOperation('query', 'Me');
  const plan = request.start('plan');
  plan.end();
  const execute = request.start('execute');
  const fetch = execute.startFetch(ACCOUNTS);
  fetch.end({ status: 200 });
  execute.end();
  request.end({ status: 200 });
  await tracer.close();

  const [root, planned, executed, fetched] = ['query', 'plan', 'execute', 'fetch accounts'].map((name) =>
    receiver.spans.find((span) => span.name === name),
  );
  expect(receiver.spans).toHaveLength(4);
  expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(root).toMatchObject({ parentSpanId: '', kind: 2, service: 'gateway-1', status: 0 });
  expect(root?.attributes).toEqual({
    'orion.request_id': 'request-1',
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'Me',
    'http.response.status_code': 200,
  });
  expect(planned).toMatchObject({ parentSpanId: root?.spanId, kind: 1 });
  expect(executed).toMatchObject({ parentSpanId: root?.spanId, kind: 1 });
  expect(fetched).toMatchObject({ parentSpanId: executed?.spanId, kind: 3 });
  expect(fetched?.attributes).toMatchObject({
    'orion.subgraph.name': 'accounts',
    'server.address': 'accounts.test',
    'server.port': 443,
    'http.response.status_code': 200,
  });
  expect(fetch.traceparent).toBe(`00-${fetched?.traceId}-${fetched?.spanId}-01`);
});

test("the client's trace goes on", async () => {
  const tracer = tracerOf();
  const request = tracer.startRequest({ ...REQUEST, traceparent: `00-${TRACE}-${PARENT}-01` });
  expect(request.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
  request.end();
  await tracer.close();
  expect(receiver.spans).toMatchObject([{ traceId: TRACE, parentSpanId: PARENT }]);
});

test('a trace that its beginner does not keep is passed on, and not kept here either', async () => {
  const tracer = tracerOf();
  const request = tracer.startRequest({ ...REQUEST, traceparent: `00-${TRACE}-${PARENT}-00` });
  const fetch = request.startFetch(ACCOUNTS);
  expect(fetch.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  fetch.end();
  request.end();
  await tracer.close();
  expect(receiver.spans).toEqual([]);
});

test('a client cannot have more traces kept than the operator wants', async () => {
  const tracer = tracerOf({ ratio: 0 });
  tracer.startRequest({ ...REQUEST, traceparent: `00-${TRACE}-${PARENT}-01` }).end();
  tracer.startRequest(REQUEST).end();
  await tracer.close();
  expect(receiver.spans).toEqual([]);
});

test('an event of a subscription is a trace of its own, linked to the subscription', async () => {
  const tracer = tracerOf();
  const subscription = tracer.startRequest(REQUEST);
  subscription.end();
  const event = subscription.startEvent();
  event.startFetch(ACCOUNTS).end({ error: 'SUBREQUEST_TIMEOUT' });
  event.end();
  await tracer.close();
  const [opened, fetched, completed] = ['POST /graphql', 'fetch accounts', 'subscription event'].map((name) =>
    receiver.spans.find((span) => span.name === name),
  );
  expect(completed?.links).toEqual([opened?.spanId]);
  expect(completed?.traceId).not.toBe(opened?.traceId);
  expect(fetched).toMatchObject({ traceId: completed?.traceId, parentSpanId: completed?.spanId, status: 2 });
  expect(fetched?.attributes['error.type']).toBe('SUBREQUEST_TIMEOUT');
});

test('a receiver that refuses is an entry in the log, not an error of the gateway', async () => {
  const { logger, lines } = recordingLogger();
  receiver.refuse();
  const tracer = tracerOf({ logger });
  tracer.startRequest(REQUEST).end();
  await tracer.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('traces cannot be delivered');
});

test('closing does not wait for a receiver that never answers', async () => {
  const tracer = createOtelTracer({
    endpoint: 'http://127.0.0.1:1',
    serviceName: 'gateway-1',
    ratio: 1,
    logger: testLogger,
  });
  tracer.startRequest(REQUEST).end();
  const startedAt = performance.now();
  await tracer.close();
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});
