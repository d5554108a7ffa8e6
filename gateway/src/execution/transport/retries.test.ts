import { startHttpServer, startRawServer } from '../../testing/raw-server.js';
import type { RawServer } from '../../testing/raw-server.js';
import { callTo, createTestSubgraphClient } from '../../testing/test-subgraph-client.js';
import { createRetryBudget } from './retries.js';

const DATA = '{"data":{"a":1}}';
const servers: RawServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** Answers the first requests with each of these statuses, and the rest with data. */
async function failing(statuses: readonly number[], headers: Record<string, string> = {}): Promise<RawServer> {
  const server = await startHttpServer((response, { count }) => {
    const status = statuses[count - 1];
    if (status === undefined) response.end(DATA);
    else response.writeHead(status, headers).end();
  });
  servers.push(server);
  return server;
}

/** How the call ended, and how often it was sent. */
async function ask(
  server: RawServer,
  {
    retries = 1,
    ...call
  }: Parameters<typeof callTo>[1] & { readonly retries?: number; readonly timeoutMs?: number } = {},
): Promise<readonly [unknown, number]> {
  const client = createTestSubgraphClient({ retries, timeoutMs: call.timeoutMs ?? 5_000 });
  const outcome = await client.send(callTo(server.url, call)).then(
    ({ data }) => data,
    (error: unknown) => (error as { readonly extensions: { readonly code: string } }).extensions.code,
  );
  await client.close();
  return [outcome, server.count()];
}

test.each([502, 503, 504])('a query that met %d is sent again', async (status) => {
  await expect(ask(await failing([status]))).resolves.toEqual([{ a: 1 }, 2]);
});

test('a query whose connection broke is sent again', async () => {
  const server = await startRawServer((socket, count) => {
    if (count === 1) socket.resetAndDestroy();
    else socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${DATA.length}\r\n\r\n${DATA}`);
  });
  servers.push(server);
  await expect(ask(server)).resolves.toEqual([{ a: 1 }, 2]);
});

test('a mutation is never sent twice', async () => {
  await expect(ask(await failing([503, 503, 503]), { kind: 'mutation', retries: 3 })).resolves.toEqual([
    'SUBREQUEST_HTTP_ERROR',
    1,
  ]);
  const broken = await startRawServer((socket) => socket.resetAndDestroy());
  servers.push(broken);
  await expect(ask(broken, { kind: 'mutation', retries: 3 })).resolves.toEqual(['SUBREQUEST_HTTP_ERROR', 1]);
});

test.each([400, 404, 429, 500, 501])('status %d is not asked again', async (status) => {
  await expect(ask(await failing([status, status]))).resolves.toEqual(['SUBREQUEST_HTTP_ERROR', 1]);
});

test('an answer that is no GraphQL is not asked again, nor is one that did not come in time', async () => {
  const malformed = await startHttpServer((response) => response.end('hello'));
  const silent = await startHttpServer(() => undefined);
  servers.push(malformed, silent);
  await expect(ask(malformed)).resolves.toEqual(['SUBREQUEST_MALFORMED', 1]);
  await expect(ask(silent, { timeoutMs: 100 })).resolves.toEqual(['SUBREQUEST_TIMEOUT', 1]);
});

test('it is sent as often as allowed, and the last answer counts', async () => {
  await expect(ask(await failing([502, 503, 504]), { retries: 3 })).resolves.toEqual([{ a: 1 }, 4]);
  await expect(ask(await failing([502, 503, 504]), { retries: 2 })).resolves.toEqual(['SUBREQUEST_HTTP_ERROR', 3]);
  await expect(ask(await failing([502]), { retries: 0 })).resolves.toEqual(['SUBREQUEST_HTTP_ERROR', 1]);
});

test('Retry-After is waited for, in seconds', async () => {
  const startedAt = performance.now();
  await expect(ask(await failing([503], { 'retry-after': '1' }))).resolves.toEqual([{ a: 1 }, 2]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
});

test('nobody waits when Retry-After lies beyond the deadline, be it seconds or a date', async () => {
  for (const after of ['3600', new Date(Date.now() + 3_600_000).toUTCString()]) {
    await expect(ask(await failing([503], { 'retry-after': after }))).resolves.toEqual(['SUBREQUEST_HTTP_ERROR', 1]);
  }
  const hurried = { deadline: performance.now() + 500 };
  await expect(ask(await failing([503], { 'retry-after': '1' }), hurried)).resolves.toEqual([
    'SUBREQUEST_HTTP_ERROR',
    1,
  ]);
});

test('a subgraph that is down gets at most a fifth more requests, beyond a small reserve', async () => {
  const server = await startHttpServer((response) => response.writeHead(503).end());
  servers.push(server);
  const client = createTestSubgraphClient({ retries: 3 });
  const calls = 400;
  for (let sent = 0; sent < calls; sent += 40) {
    await Promise.allSettled(Array.from({ length: 40 }, () => client.send(callTo(server.url))));
  }
  await client.close();
  expect(server.count()).toBeGreaterThan(calls + 10);
  expect(server.count()).toBeLessThanOrEqual(calls * 1.2 + 10);
});

test('the budget of retries does not grow beyond its reserve', () => {
  const budget = createRetryBudget();
  for (let calls = 0; calls < 10_000; calls += 1) budget.earn();
  let spent = 0;
  while (budget.spend()) spent += 1;
  expect(spent).toBe(10);
});
