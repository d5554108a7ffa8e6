import { createOtelTracer } from '../../observability/otel-tracer.js';
import { startHttpServer } from '../../testing/raw-server.js';
import { testLogger } from '../../testing/test-gateway.js';
import { startTestReceiver } from '../../testing/test-receiver.js';
import { callTo, createTestSubgraphClient } from '../../testing/test-subgraph-client.js';

test('every request that leaves is a span of its own, and what the subgraph is told of the trace', async () => {
  const traceparents: unknown[] = [];
  const server = await startHttpServer((response, { request, count }) => {
    traceparents.push(request.headers['traceparent']);
    response.writeHead(count === 1 ? 503 : 200).end('{"data":{}}');
  });
  const receiver = await startTestReceiver();
  const tracer = createOtelTracer({ endpoint: receiver.endpoint, serviceName: 'g', ratio: 1, logger: testLogger });
  const span = tracer.startRequest({ name: 'POST /graphql', requestId: 'request-1', traceparent: undefined });
  const client = createTestSubgraphClient({ retries: 1, dedup: true });
  const { caller } = callTo(server.url);
  const call = callTo(server.url, { caller: { ...caller, traceparent: span.traceparent, span } });

  // The second joins the first: it is not sent, so it has no span.
  await Promise.all([client.send(call), client.send(call)]);
  span.end();
  await Promise.all([tracer.close(), client.close()]);

  const fetches = receiver.spans.filter(({ name }) => name === 'fetch test');
  expect(fetches.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([503, 200]);
  expect(traceparents).toEqual(fetches.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
  await Promise.all([server.stop(), receiver.stop()]);
});

test('a request that fails is a span with its code', async () => {
  const receiver = await startTestReceiver();
  const tracer = createOtelTracer({ endpoint: receiver.endpoint, serviceName: 'g', ratio: 1, logger: testLogger });
  const span = tracer.startRequest({ name: 'POST /graphql', requestId: 'request-1', traceparent: undefined });
  const client = createTestSubgraphClient();
  const call = callTo('http://127.0.0.1:9/graphql');
  await expect(client.send({ ...call, caller: { ...call.caller, span } })).rejects.toThrow('ECONNREFUSED');
  span.end();
  await Promise.all([tracer.close(), client.close()]);
  const [fetch] = receiver.spans.filter(({ name }) => name === 'fetch test');
  expect(fetch).toMatchObject({ status: 2, attributes: { 'error.type': 'SUBREQUEST_HTTP_ERROR' } });
  await receiver.stop();
});
