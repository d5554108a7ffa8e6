import { verifyContext } from '@orion/platform/identity';
import { createLogger } from '@orion/platform/log';
import { eventually } from '@orion/platform/testing';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import type { GatewayOptions } from '../settings.js';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [name: string]: unknown;
}

let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway | undefined;
let written: string;

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
});

afterAll(async () => {
  await graph.stop();
  await issuer.stop();
});

afterEach(() => gateway?.stop());

/** A gateway that logs everything there is to log, into a string. */
async function start(options: Partial<GatewayOptions> = {}, level = 'trace'): Promise<TestGateway> {
  written = '';
  const logger = createLogger('gateway', { level, destination: { write: (line) => void (written += line) } });
  gateway = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) }, logger, ...options });
  return gateway;
}

function requests(): readonly Line[] {
  return written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ msg }) => msg === 'request');
}

test('a request is one line: what was executed, how it ended, and which ids it goes by', async () => {
  const { ask } = await start({ accessLog: { hasClientIp: false } }, 'info');
  await ask('query Me { me { name } }', {
    headers: { 'x-request-id': 'request-1', 'x-correlation-id': 'checkout-7' },
  });
  expect(requests()).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      service: 'gateway',
      name: 'gateway',
      requestId: 'request-1',
      correlationId: 'checkout-7',
      method: 'POST',
      path: '/graphql',
      status: 200,
      ms: expect.any(Number),
      operationType: 'query',
      operationName: 'Me',
      msg: 'request',
    },
  ]);
});

test('the subgraphs are told the correlation id, signed', async () => {
  const secret = 'a secret that is long enough for HMAC-SHA-256';
  const { ask } = await start({ contextSecret: secret });
  await ask('{ me { name } }', { headers: { 'x-request-id': 'request-1', 'x-correlation-id': 'checkout-7' } });
  const { headers, body } = graph.accounts.requests.at(-1) ?? { headers: {}, body: '' };
  const context = String(headers['x-orion-context']);
  await expect(verifyContext(context, { secret, audience: 'accounts', body })).resolves.toMatchObject({
    requestId: 'request-1',
    correlationId: 'checkout-7',
  });
});

test('without an id of the client the request id is the correlation id', async () => {
  const { ask } = await start({ accessLog: { hasClientIp: false } }, 'info');
  await ask('{ me { name } }', { headers: { 'x-correlation-id': 'bad id' } });
  const [line] = requests();
  expect(line?.['correlationId']).toBe(line?.['requestId']);
});

test('the address of the client stands in it only when that is wanted', async () => {
  const { ask } = await start({ accessLog: { hasClientIp: true } }, 'info');
  await ask('{ me { name } }');
  expect(requests()).toMatchObject([{ clientIp: '127.0.0.1' }]);
});

test('without an access log a request is a line at debug', async () => {
  const { ask } = await start();
  await ask('{ me { name } }');
  expect(requests()).toMatchObject([{ level: 'debug', status: 200 }]);
  expect(requests()[0]).not.toHaveProperty('clientIp');
});

test('a stream is logged when it is opened', async () => {
  const { endpoint } = await start({ accessLog: { hasClientIp: false } }, 'info');
  const stream = new AbortController();
  await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription Noted { noted(topic: "log") { title } }' }),
    signal: stream.signal,
  });
  await eventually(() => graph.inbox.liveSubscriptions() > 0);
  expect(requests()).toMatchObject([{ operationType: 'subscription', operationName: 'Noted', status: 200 }]);
  stream.abort();
});

test('no secret is written, whatever is logged and whatever goes wrong', async () => {
  const { ask, endpoint } = await start({ accessLog: { hasClientIp: true }, tokens: issuer.rules });
  const token = await issuer.token();
  const headers = { authorization: `Bearer ${token}`, cookie: 'session=cookie-secret' };
  const login = 'mutation Login($p: String!) { login(password: $p) }';
  await ask(login, { variables: { p: 'variable-secret' }, headers });
  await ask('mutation { login(password: "literal-secret") }', { headers });
  await ask('{ fails echo(text: "literal-secret") }', { headers });
  await ask('{ nothing(password: "literal-secret") }', { headers });
  await ask('{ me { name } }', { headers: { authorization: `Bearer ${token}broken` } });
  await fetch(`${endpoint}?query=${encodeURIComponent('{ echo(text: "literal-secret") }')}`, {
    headers: { 'apollo-require-preflight': '1' },
  });
  await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query": "{ echo(text: \\"literal-secret\\") }", "broken": ',
  });
  await eventually(() => requests().length === 7);
  expect(written).not.toMatch(/(variable|literal|cookie)-secret/);
  expect(written).not.toContain(token.slice(-20));
});
