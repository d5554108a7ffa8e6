import { ConfigError } from '@orion/platform/config';
import { readGatewayConfig } from '../config.js';
import { testLogger } from '../testing/test-gateway.js';
import { startTestReceiver } from '../testing/test-receiver.js';
import { openObservability } from './open-observability.js';

function open(environment: Readonly<Record<string, string>>) {
  return openObservability(readGatewayConfig([], { SUPERGRAPH: 'graph.graphql', ...environment }), testLogger);
}

const PRODUCTION = { NODE_ENV: 'production' };

test.each([
  ['in development', {}, { isCounting: true, isOnMainPort: true }],
  ['in production', PRODUCTION, { isCounting: false, isOnMainPort: false }],
  ['switched off', { METRICS: 'false', METRICS_PORT: '0' }, { isCounting: false, isOnMainPort: false }],
  ['with a port', { ...PRODUCTION, METRICS_PORT: '0' }, { isCounting: true, isOnMainPort: false }],
  ['with a port in development', { METRICS_PORT: '0' }, { isCounting: true, isOnMainPort: false }],
  ['public', { ...PRODUCTION, METRICS: 'public' }, { isCounting: true, isOnMainPort: true }],
  ['public with a port', { METRICS: 'public', METRICS_PORT: '0' }, { isCounting: true, isOnMainPort: true }],
  ['in one of several workers', { WORKERS: '2' }, { isCounting: false, isOnMainPort: false }],
])('metrics %s', async (_what, environment, expected) => {
  const { metrics, metricsPage, close } = await open(environment);
  expect({ isCounting: metrics !== undefined, isOnMainPort: metricsPage !== undefined }).toEqual(expected);
  await close();
});

test.each([
  ['no port in production', { ...PRODUCTION, METRICS: 'true' }],
  ['several workers and no port', { WORKERS: '2', METRICS: 'true' }],
  ['several workers, in public', { WORKERS: '2', METRICS: 'public' }],
])('metrics that are wanted with %s are a fault of the configuration', (_what, environment) => {
  expect(() => readGatewayConfig([], { SUPERGRAPH: 'graph.graphql', ...environment })).toThrow(ConfigError);
  expect(() => readGatewayConfig([], { SUPERGRAPH: 'graph.graphql', ...environment })).toThrow(/METRICS_PORT/);
});

test.each([
  ['nothing is traced by itself', {}, false],
  ['an endpoint is traced to', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, true],
  ['the console is traced to', { OTEL_TRACES_EXPORTER: 'console' }, true],
  ['none is none', { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, false],
])('%s', async (_what, environment, isTracing) => {
  const { tracer, close } = await open(environment);
  expect(tracer !== undefined).toBe(isTracing);
  await close();
});

test('a receiver that wants a token gets it', async () => {
  const receiver = await startTestReceiver();
  const { tracer, close } = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a=b, x-tenant=7',
    OTEL_SERVICE_NAME: 'my-gateway',
  });
  tracer?.startRequest({ name: 'POST /graphql', requestId: 'r', traceparent: undefined }).end();
  await close();
  expect(receiver.headers).toMatchObject([{ authorization: 'Bearer a=b', 'x-tenant': '7' }]);
  expect(receiver.spans).toMatchObject([{ service: 'my-gateway' }]);
  await receiver.stop();
});

test.each(['secret', '=secret', 'a=%secret'])(
  'headers %s are a fault of the configuration, and are not repeated',
  (value) => {
    const environment = { SUPERGRAPH: 'graph.graphql', OTEL_EXPORTER_OTLP_HEADERS: value };
    expect(() => readGatewayConfig([], environment)).toThrow(/OTEL_EXPORTER_OTLP_HEADERS/);
    expect(() => readGatewayConfig([], environment)).not.toThrow(/secret/);
  },
);
