import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import { eventually, testViewer } from '@orion/platform/testing';
import type { IncomingMessage } from 'node:http';
import { NO_METRICS } from '../../observability/metrics.js';
import type { Caller } from '../../security/caller.js';
import { startHttpServer } from '../../testing/raw-server.js';
import type { RawServer } from '../../testing/raw-server.js';
import { callTo, createTestSubgraphClient } from '../../testing/test-subgraph-client.js';
import type { SubgraphCall } from '../subgraph-call.js';
import type { SubgraphClient, SubgraphClientOptions } from '../subgraph-client.js';

const SECRET = 'a-secret-of-at-least-32-characters';

interface Held {
  readonly request: IncomingMessage;
  readonly body: string;
  answer(text: string): void;
}

/** Requests that wait for the test to answer them. */
let held: Held[];
let server: RawServer;
const clients: SubgraphClient[] = [];

beforeEach(async () => {
  held = [];
  server = await startHttpServer((response, { request, body }) => {
    held.push({ request, body, answer: (text) => void response.end(text) });
  });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((made) => made.close()));
  await server.stop();
});

function client(options: Partial<SubgraphClientOptions> = {}): SubgraphClient {
  const made = createTestSubgraphClient({ dedup: true, connections: 512, ...options });
  clients.push(made);
  return made;
}

type Changes = Partial<Omit<SubgraphCall, 'caller'>> & { readonly caller?: Partial<Caller> };

function call({ caller, ...changes }: Changes = {}): SubgraphCall {
  const plain = callTo(server.url, changes);
  return { ...plain, caller: { ...plain.caller, ...caller } };
}

function viewer(userId: string, changes: Partial<NonNullable<Caller['origin']['viewer']>> = {}): Caller['origin'] {
  return {
    ...callTo('').caller.origin,
    viewer: testViewer({ userId, sessionId: 's', authenticatedAt: 1, ...changes }),
  };
}

/** Resolves when so many requests wait. */
async function arrived(count: number): Promise<void> {
  await eventually(() => held.length >= count, { every: 2 });
}

/** None of the calls, which are made at one time, is answered by another's request. */
async function expectEachSent(sender: SubgraphClient, calls: readonly SubgraphCall[]): Promise<void> {
  const before = server.count();
  const answers = calls.map((each) => sender.send(each));
  await arrived(before + calls.length);
  held.slice(before).forEach(({ answer }) => answer('{"data":{}}'));
  await Promise.all(answers);
  expect(server.count()).toBe(before + calls.length);
}

test('equal queries under way are sent once', async () => {
  const counts: boolean[] = [];
  const deduplicated = (level: string, isJoined: boolean): void => void counts.push(level === 'subgraph' && isJoined);
  const sender = client({ metrics: { ...NO_METRICS, deduplicated } });
  const calls = Array.from({ length: 5 }, (_, index) => sender.send({ ...call(), isOwned: index > 2 }));
  await arrived(1);
  held[0]?.answer('{"data":{"me":{"id":"1"}}}');
  const answers = await Promise.all(calls);
  expect(answers).toEqual(Array.from({ length: 5 }, () => ({ data: { me: { id: '1' } } })));
  expect(server.count()).toBe(1);
  expect(counts).toEqual([false, true, true, true, true]);
});

test('who changes the data gets data of its own, whoever else waits for the answer', async () => {
  const sender = client();
  const calls = [false, true, true, false].map((isOwned) => sender.send(call({ isOwned })));
  await arrived(1);
  held[0]?.answer('{"data":{"me":{"id":"1"}}}');
  const [shared, first, second, alsoShared] = await Promise.all(calls);
  for (const owned of [first?.data, second?.data]) {
    expect(owned).toEqual({ me: { id: '1' } });
    if (owned) owned['me'] = 'changed';
  }
  expect([shared?.data, alsoShared?.data]).toEqual([{ me: { id: '1' } }, { me: { id: '1' } }]);
  expect(server.count()).toBe(1);
});

test('requests that come one after the other are each sent', async () => {
  const sender = client();
  for (const count of [1, 2, 3]) {
    const answer = sender.send(call());
    await arrived(count);
    held[count - 1]?.answer(`{"data":{"count":${count}}}`);
    await expect(answer).resolves.toEqual({ data: { count } });
  }
});

test('request id and trace make no difference; what was told of the first is what is sent', async () => {
  const sender = client();
  const other = { ...call().caller.origin, requestId: 'request-number-2' };
  const calls = [sender.send(call()), sender.send(call({ caller: { origin: other, traceparent: '00-1-2-01' } }))];
  await arrived(1);
  expect(held[0]?.request.headers['x-request-id']).toBe('request-number-1');
  held[0]?.answer('{"data":{}}');
  await Promise.all(calls);
  expect(server.count()).toBe(1);
});

test.each<readonly [string, Changes]>([
  ['another body', { body: '{"query":"{ me { name } }"}' }],
  ['another subgraph', { subgraph: { name: 'other', url: '' } }],
  ['a viewer', { caller: { origin: viewer('1') } }],
  ['a forwarded header', { caller: { forwarded: { authorization: 'Bearer a' } } }],
  ['an empty forwarded header', { caller: { forwarded: { authorization: '' } } }],
])('a call with %s is sent for itself', async (_what, changes) => {
  const sender = client();
  const { subgraph } = changes;
  const changed = subgraph === undefined ? changes : { ...changes, subgraph: { ...subgraph, url: server.url } };
  await expectEachSent(sender, [call(), call(changed)]);
});

test.each<readonly [string, Partial<Caller>, Partial<Caller>]>([
  ['user', { origin: viewer('1') }, { origin: viewer('2') }],
  ['session', { origin: viewer('1') }, { origin: viewer('1', { sessionId: 't' }) }],
  ['kind', { origin: viewer('1') }, { origin: viewer('1', { kind: 'api-key' }) }],
  ['impersonator', { origin: viewer('1') }, { origin: viewer('1', { impersonatorId: '2' }) }],
  ['permissions', { origin: viewer('1') }, { origin: viewer('1', { permissions: ['user:read:any'] }) }],
  ['sign-in methods', { origin: viewer('1') }, { origin: viewer('1', { methods: ['otp'] }) }],
  ['age of the sign-in', { origin: viewer('1') }, { origin: viewer('1', { authenticatedAt: 2 }) }],
  ['scopes', { origin: viewer('1') }, { origin: viewer('1'), scopes: ['read'] }],
  ['policies', { origin: viewer('1') }, { origin: viewer('1'), policies: ['p'] }],
  ['value of a header', { forwarded: { a: '1' } }, { forwarded: { a: '2' } }],
  ['name of a header', { forwarded: { a: '1' } }, { forwarded: { b: '1' } }],
])('callers that differ in %s never share', async (_what, one, other) => {
  await expectEachSent(client(), [call({ caller: one }), call({ caller: other })]);
});

test.each<readonly [string, Partial<Caller['origin']>]>([
  ['address', { clientIp: '192.0.2.2' }],
  ['user agent', { userAgent: 'another' }],
  ['user agent that is none', { userAgent: null }],
])('callers that differ in %s share only when the subgraph is not told', async (_what, change) => {
  const origin = { ...call().caller.origin, ...change };
  const untold = client();
  const shared = [untold.send(call()), untold.send(call({ caller: { origin } }))];
  await arrived(1);
  held[0]?.answer('{"data":{}}');
  await Promise.all(shared);
  expect(server.count()).toBe(1);

  await expectEachSent(client({ contextSecret: SECRET }), [call(), call({ caller: { origin } })]);
});

test('among hundreds of callers with everything mixed, each gets what was stated of it', async () => {
  const sender = client({ contextSecret: SECRET });
  const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;
  const callers = Array.from({ length: 400 }, (): Partial<Caller> => {
    const user = pick(['', '1', '2', '"', '1","2']);
    const origin = user === '' ? call().caller.origin : viewer(user, { permissions: pick([[], ['a'], ['a', 'b']]) });
    const header = pick([undefined, 'x', 'y', 'anonymous']);
    return {
      origin: { ...origin, clientIp: pick([null, '192.0.2.1', 'null']), userAgent: pick([null, 'a', 'b']) },
      forwarded: header === undefined ? undefined : { authorization: header },
    };
  });
  const bodies = ['{"query":"{ a }"}', '{"query":"{ b }"}'];
  const calls = callers.map((caller) => {
    const body = pick(bodies);
    return { caller, body, answer: sender.send(call({ caller, body })) };
  });
  const distinct = new Set(calls.map(({ caller, body }) => JSON.stringify([caller.origin, caller.forwarded, body])))
    .size;
  await arrived(distinct);
  for (const { request, body, answer } of held) {
    const { requestId: _id, ...origin } = await verifyContext(request.headers[CONTEXT_HEADER] as string, {
      secret: SECRET,
      audience: 'test',
      body,
    });
    answer(JSON.stringify({ data: { origin, header: request.headers.authorization ?? null, body } }));
  }
  for (const { caller, body, answer } of calls) {
    const { requestId: _id, ...origin } = caller.origin ?? call().caller.origin;
    await expect(answer).resolves.toEqual({
      data: { origin, header: caller.forwarded?.['authorization'] ?? null, body },
    });
  }
  expect(server.count()).toBe(distinct);
});

test('mutations never share', async () => {
  await expectEachSent(
    client(),
    Array.from({ length: 3 }, () => call({ kind: 'mutation' })),
  );
});

test('a query after a mutation does not join one that left before the mutation was done', async () => {
  const sender = client();
  const before = sender.send(call());
  await arrived(1);
  const mutation = sender.send(call({ kind: 'mutation', body: '{"query":"mutation { rename }"}' }));
  await arrived(2);
  held[1]?.answer('{"data":{"rename":true}}');
  await mutation;
  const after = sender.send(call());
  await arrived(3);
  held[0]?.answer('{"data":{"name":"old"}}');
  held[2]?.answer('{"data":{"name":"new"}}');
  await expect(Promise.all([before, after])).resolves.toEqual([{ data: { name: 'old' } }, { data: { name: 'new' } }]);
});

test('can be switched off', async () => {
  await expectEachSent(client({ dedup: false }), [call(), call()]);
});

test('a failure is everybody’s, and the next call is sent anew', async () => {
  const sender = client();
  const calls = [sender.send(call()), sender.send(call())];
  const failed = Promise.allSettled(calls);
  await arrived(1);
  held[0]?.answer('no GraphQL');
  for (const { status } of await failed) expect(status).toBe('rejected');
  const next = sender.send(call());
  await arrived(2);
  held[1]?.answer('{"data":{}}');
  await expect(next).resolves.toEqual({ data: {} });
});

describe('deadlines', () => {
  const timeout = { extensions: { code: 'SUBREQUEST_TIMEOUT', serviceName: 'test' } };

  test.each(['first', 'second'])('the earlier deadline of the %s ends only its own waiting', async (who) => {
    const sender = client();
    const hurried = (isHurried: boolean) => call(isHurried ? { deadline: performance.now() + 50 } : {});
    const first = sender.send(hurried(who === 'first'));
    const second = sender.send(hurried(who === 'second'));
    const [impatient, patient] = who === 'first' ? [first, second] : [second, first];
    await expect(impatient).rejects.toMatchObject(timeout);
    // The machine may be so busy that its time was over before the request had arrived.
    await arrived(1);
    expect(server.count()).toBe(1);
    held[0]?.answer('{"data":{"late":true}}');
    await expect(patient).resolves.toEqual({ data: { late: true } });
  });

  test('when the last who waited has given up, the request is dropped and joined by nobody', async () => {
    const sender = client({ timeoutMs: 60_000 });
    const deadline = performance.now() + 50;
    const calls = [sender.send(call({ deadline })), sender.send(call({ deadline: deadline + 20 }))];
    await arrived(1);
    for (const outcome of await Promise.allSettled(calls)) expect(outcome).toMatchObject({ reason: timeout });
    const next = sender.send(call());
    await eventually(() => server.closed() === 1);
    await arrived(2);
    held[1]?.answer('{"data":{}}');
    await expect(next).resolves.toEqual({ data: {} });
  });
});
