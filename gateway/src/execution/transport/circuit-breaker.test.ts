import { eventually } from '@orion/platform/testing';
import { startHttpServer } from '../../testing/raw-server.js';
import type { RawServer } from '../../testing/raw-server.js';
import { callTo, createTestSubgraphClient } from '../../testing/test-subgraph-client.js';
import type { SubgraphClient } from '../subgraph-client.js';
import { createCircuitBreaker } from './circuit-breaker.js';
import type { CircuitBreaker, CircuitLimits, CircuitState } from './circuit-breaker.js';

const LIMITS: CircuitLimits = { failureRatio: 0.5, minimumRequests: 4, windowMs: 60_000, openMs: 400 };

let server: RawServer;
let client: SubgraphClient;
let reply: { status: number; body: string };
let held: (() => void)[] | undefined;

beforeEach(async () => {
  reply = { status: 503, body: '' };
  held = undefined;
  server = await startHttpServer((response) => {
    const answer = (): void => void response.writeHead(reply.status).end(reply.body);
    if (held === undefined) answer();
    else held.push(answer);
  });
  client = createTestSubgraphClient({ circuitBreaker: LIMITS });
});

afterEach(async () => {
  await client.close();
  await server.stop();
});

/** The code of the error, or `ok`. */
async function send(sender: SubgraphClient = client): Promise<string> {
  return sender.send(callTo(server.url)).then(
    () => 'ok',
    (error: unknown) => (error as { readonly extensions: { readonly code: string } }).extensions.code,
  );
}

async function sendTimes(times: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let sent = 0; sent < times; sent += 1) outcomes.push(await send());
  return outcomes;
}

test('opens when enough requests failed, and fails at once with a hint when to come back', async () => {
  await expect(sendTimes(6)).resolves.toEqual([
    ...Array.from({ length: 4 }, () => 'SUBREQUEST_HTTP_ERROR'),
    'SUBREQUEST_CIRCUIT_OPEN',
    'SUBREQUEST_CIRCUIT_OPEN',
  ]);
  expect(server.count()).toBe(4);
  await expect(client.send(callTo(server.url))).rejects.toMatchObject({
    message: expect.stringContaining('"test"') as string,
    extensions: { code: 'SUBREQUEST_CIRCUIT_OPEN', serviceName: 'test', retryAfterSeconds: 1 },
  });
});

test('lets one probe through, and closes when it is answered', async () => {
  await sendTimes(5);
  held = [];
  reply = { status: 200, body: '{"data":{}}' };
  const probe = eventually(async () => (await send()) === 'ok', { every: 5 });
  await eventually(() => held?.length === 1);
  // While the probe is under way nobody else is let through.
  await expect(Promise.all([send(), send(), send()])).resolves.toEqual(
    Array.from({ length: 3 }, () => 'SUBREQUEST_CIRCUIT_OPEN'),
  );
  expect(held).toHaveLength(1);
  held[0]?.();
  await probe;
  held = undefined;
  await expect(sendTimes(10)).resolves.toEqual(Array.from({ length: 10 }, () => 'ok'));
});

test('opens again when the probe fails', async () => {
  await sendTimes(5);
  expect(server.count()).toBe(4);
  await eventually(async () => (await send()) === 'SUBREQUEST_HTTP_ERROR', { every: 5 });
  expect(server.count()).toBe(5);
  await expect(send()).resolves.toBe('SUBREQUEST_CIRCUIT_OPEN');
});

test('stays closed while most requests are answered, and over too few', async () => {
  await sendTimes(3);
  reply = { status: 200, body: '{"data":{}}' };
  await sendTimes(5);
  reply = { status: 503, body: '' };
  // 4 of 9 failed; the next is the fifth of ten.
  await expect(sendTimes(3)).resolves.toEqual([
    'SUBREQUEST_HTTP_ERROR',
    'SUBREQUEST_HTTP_ERROR',
    'SUBREQUEST_CIRCUIT_OPEN',
  ]);
});

test.each([
  ['errors in GraphQL', 200, '{"errors":[{"message":"no"}]}'],
  ['errors in GraphQL with status 500', 500, '{"data":null,"errors":[{"message":"no"}]}'],
  ['requests that it finds wrong', 400, 'bad request'],
  ['answers that are no GraphQL', 200, 'hello'],
])('%s do not open it', async (_what, status, body) => {
  reply = { status, body };
  const outcomes = await sendTimes(20);
  expect(outcomes).not.toContain('SUBREQUEST_CIRCUIT_OPEN');
  expect(server.count()).toBe(20);
});

test('a subgraph that does not answer opens it; callers in a hurry do not', async () => {
  held = [];
  const hurried = callTo(server.url, { deadline: performance.now() + 20 });
  await Promise.allSettled(Array.from({ length: 20 }, () => client.send(hurried)));
  const patient = createTestSubgraphClient({ circuitBreaker: LIMITS, timeoutMs: 50 });
  await expect(Promise.all(Array.from({ length: 4 }, () => send(patient)))).resolves.toEqual(
    Array.from({ length: 4 }, () => 'SUBREQUEST_TIMEOUT'),
  );
  await expect(send(patient)).resolves.toBe('SUBREQUEST_CIRCUIT_OPEN');
  await patient.close();
  held = undefined;
  reply = { status: 200, body: '{"data":{}}' };
  await expect(send()).resolves.toBe('ok');
});

test('each subgraph has its own, on one origin as well', async () => {
  await sendTimes(5);
  reply = { status: 200, body: '{"data":{}}' };
  await expect(send()).resolves.toBe('SUBREQUEST_CIRCUIT_OPEN');
  await expect(client.send(callTo(server.url, { subgraph: { name: 'other', url: server.url } }))).resolves.toEqual({
    data: {},
  });
});

test('can be switched off', async () => {
  const open = createTestSubgraphClient({ circuitBreaker: undefined });
  const outcomes: string[] = [];
  for (let sent = 0; sent < 30; sent += 1) outcomes.push(await send(open));
  expect(new Set(outcomes)).toEqual(new Set(['SUBREQUEST_HTTP_ERROR']));
  await open.close();
});

test('retries end with the reason that opened the circuit, not with the circuit', async () => {
  const retrying = createTestSubgraphClient({ circuitBreaker: { ...LIMITS, minimumRequests: 1 }, retries: 3 });
  await expect(send(retrying)).resolves.toBe('SUBREQUEST_HTTP_ERROR');
  expect(server.count()).toBe(1);
  await retrying.close();
});

test('failures count only as long as the window', async () => {
  const states: CircuitState[] = [];
  const breaker = createCircuitBreaker({ ...LIMITS, windowMs: 100 }, (state) => states.push(state));
  const end = (outcome: 'answered' | 'failed', times: number): void => {
    for (let ended = 0; ended < times; ended += 1) {
      const ticket = breaker.admit();
      if (ticket !== undefined) breaker.record(ticket, outcome);
    }
  };
  end('failed', 3);
  const since = performance.now();
  await eventually(() => performance.now() - since > 120);
  end('answered', 4);
  end('failed', 3);
  expect(breaker.state()).toBe('closed');
  end('failed', 1);
  expect(states).toEqual(['open']);
});

describe('half-open', () => {
  /** A breaker that opened, and the ticket of a request that left before. */
  function opened(): { readonly breaker: CircuitBreaker; readonly stale: number } {
    const breaker = createCircuitBreaker({ ...LIMITS, minimumRequests: 1, openMs: 10 }, () => undefined);
    const [stale, failed] = [breaker.admit() ?? Number.NaN, breaker.admit() ?? Number.NaN];
    breaker.record(failed, 'failed');
    return { breaker, stale };
  }

  /** The ticket of the probe. */
  async function probe(breaker: CircuitBreaker): Promise<number> {
    let ticket: number | undefined;
    await eventually(() => (ticket = breaker.admit()) !== undefined, { every: 2 });
    return ticket ?? Number.NaN;
  }

  test('a probe that says nothing makes room for another', async () => {
    const { breaker } = opened();
    const ticket = await probe(breaker);
    expect(breaker.admit()).toBeUndefined();
    breaker.record(ticket, 'unknown');
    expect(breaker.state()).toBe('half-open');
    breaker.record(breaker.admit() ?? Number.NaN, 'answered');
    expect(breaker.state()).toBe('closed');
  });

  test.each(['answered', 'failed'] as const)(
    'what left before it opened and %s since decides nothing',
    async (outcome) => {
      const { breaker, stale } = opened();
      breaker.record(stale, outcome);
      expect(breaker.state()).toBe('open');
      const ticket = await probe(breaker);
      breaker.record(stale, outcome);
      expect([breaker.state(), breaker.admit()]).toEqual(['half-open', undefined]);
      breaker.record(ticket, 'failed');
      expect(breaker.state()).toBe('open');
    },
  );
});
