import { once } from 'node:events';
import type { EventEnvelope } from '@orion/platform/events';
import { eventually } from '@orion/platform/testing';
import { WebSocket } from 'ws';
import type { AnnouncementFeed } from '../security/follow-announcements.js';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';

const SUBSCRIPTION = 'subscription { noted(topic: "t") { title } }';
let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway;
let announce: (sessionId: string) => void;

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: issuer.rules,
    revocationFeed: feed(),
    corsOrigins: [],
    connections: {
      perIp: 5,
      operationsPerSocket: 3,
      frameBytes: 4_000,
      initTimeoutMs: 200,
      heartbeatMs: 200,
      queuedEvents: 50,
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
  await graph.stop();
});

afterEach(() => eventually(() => graph.inbox.liveSubscriptions() === 0));

/** The transport's interface with the events in the test's hand. */
function feed(): AnnouncementFeed {
  return {
    tail: (topics, { onEvent }) => {
      expect(topics).toEqual(['orion.auth', 'orion.user']);
      announce = (sessionId) =>
        onEvent({
          id: sessionId,
          type: 'dev.orion.session.revoked.v1',
          topic: 'orion.auth',
          data: { sessionId },
        } as EventEnvelope);
      return Promise.resolve({ caughtUp: Promise.resolve(), stop: () => Promise.resolve() });
    },
  };
}

function raw(headers: Record<string, string> = {}, url = gateway.socketUrl): WebSocket {
  return new WebSocket(url, 'graphql-transport-ws', { headers });
}

async function closing(socket: WebSocket): Promise<{ readonly code: number; readonly reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

test('ID-39 ID-75: a revoked session is cut off within a second: socket closed with 4403, HTTP refused', async () => {
  const token = await issuer.token({ claims: { sid: 'to-be-revoked' } });
  const client = connectClient(gateway.socketUrl, { authorization: `Bearer ${token}` });
  const other = connectClient(gateway.socketUrl, {
    authorization: `Bearer ${await issuer.token({ claims: { sid: 'untouched' } })}`,
  });
  const { results } = client.subscribe(SUBSCRIPTION);
  const untouched = other.subscribe(SUBSCRIPTION);
  await eventually(() => graph.inbox.liveSubscriptions() === 2);
  const revokedAt = Date.now();
  announce('to-be-revoked');
  graph.publish('t', { id: 'n1', title: 'after' });
  await eventually(() => client.closes.length === 1);
  expect(Date.now() - revokedAt).toBeLessThan(1_000);
  expect(client.closes[0]).toMatchObject({ code: 4403, reason: 'The session was ended' });
  await eventually(() => untouched.results.length === 1);
  expect(results).toEqual([]);
  const refused = await gateway.ask('{ me { id } }', { headers: { authorization: `Bearer ${token}` } });
  expect(refused.status).toBe(401);
  expect(refused.errors?.[0]?.message).toContain('session was ended');
  await other.close();
});

test('a bad token closes the socket with 4403 and the reason', async () => {
  const client = connectClient(gateway.socketUrl, {
    AUTHORIZATION: `Bearer ${await issuer.token({ issuedIn: -7200, expiresIn: -3600 })}`,
  });
  await expect(client.subscribe(SUBSCRIPTION).done).rejects.toMatchObject({
    code: 4403,
    reason: expect.stringContaining('expired') as string,
  });
});

test('ID-75: an expiring token closes the socket with 4403', async () => {
  const client = connectClient(gateway.socketUrl, { authorization: `Bearer ${await issuer.token({ expiresIn: 1 })}` });
  await expect(client.subscribe(SUBSCRIPTION).done).rejects.toMatchObject({
    code: 4403,
    reason: 'The access token has expired',
  });
});

test('a token may come in the handshake instead', async () => {
  const socket = raw({ authorization: `Bearer ${await issuer.token({ audience: 'other' })}` });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  expect((await closing(socket)).code).toBe(4403);
});

test('ID-75: silence after opening closes with 4408, nonsense with 4400, the wrong protocol is not accepted', async () => {
  const silent = raw();
  expect((await closing(silent)).code).toBe(4408);
  const noisy = raw();
  await once(noisy, 'open');
  noisy.send('nonsense');
  expect((await closing(noisy)).code).toBe(4400);
  const early = raw();
  await once(early, 'open');
  early.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } }));
  expect((await closing(early)).code).toBe(4401);
  const old = new WebSocket(gateway.socketUrl, 'graphql-ws');
  const [error] = (await once(old, 'error')) as [Error];
  expect(error.message).toContain('subprotocol');
});

test('a frame over the limit closes the socket', async () => {
  const socket = raw();
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { padding: 'x'.repeat(5_000) } }));
  expect((await closing(socket)).code).toBe(1009);
});

test('ID-74: a foreign origin, another path and one socket too many are refused in the handshake', async () => {
  const status = async (socket: WebSocket): Promise<number> => {
    const [error] = (await once(socket, 'error')) as [Error];
    return Number(/\d{3}/.exec(error.message)?.[0]);
  };
  expect(await status(raw({ origin: 'https://evil.example' }))).toBe(403);
  expect(await status(new WebSocket(`${gateway.socketUrl}/other`, 'graphql-transport-ws'))).toBe(404);
  const held = Array.from({ length: 5 }, () => raw());
  await Promise.all(held.map((socket) => once(socket, 'open')));
  expect(await status(raw())).toBe(429);
  held.forEach((socket) => socket.close());
  await eventually(async () => {
    const socket = raw();
    const opened = await Promise.race([once(socket, 'open').then(() => true), once(socket, 'error').then(() => false)]);
    socket.terminate();
    return opened;
  });
});

test('operations on one socket are limited', async () => {
  const client = connectClient(gateway.socketUrl);
  const running = ['a', 'b', 'c'].map((topic) =>
    client.subscribe(`subscription { noted(topic: "${topic}") { title } }`),
  );
  await eventually(() => graph.inbox.liveSubscriptions() === 3);
  await expect(client.subscribe(SUBSCRIPTION).done).rejects.toMatchObject([
    { extensions: { code: 'TOO_MANY_OPERATIONS' } },
  ]);
  running.forEach(({ stop }) => stop());
  await client.close();
});

test('a client that does not answer pings is cut off', async () => {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws', { autoPong: false });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  expect((await closing(socket)).code).toBe(1006);
});

test('a slow client is dropped with 4008 and does not hold up another', async () => {
  const patient = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    connections: { queuedEvents: 20 },
  });
  const query = 'subscription { noted(topic: "slow") { title } }';
  const slow = raw({}, patient.socketUrl);
  await once(slow, 'open');
  slow.send('{"type":"connection_init"}');
  await once(slow, 'message');
  slow.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  const quick = connectClient(patient.socketUrl);
  const { results } = quick.subscribe(query);
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  slow.pause();
  // Enough to fill the kernel's buffers and the queue, at a pace that the quick client keeps.
  for (let published = 1; published <= 100; published += 1) {
    graph.publish('slow', { id: `n${published}`, title: 'x'.repeat(200_000) });
    await eventually(() => results.length === published, { every: 1 });
  }
  const closed = closing(slow);
  slow.resume();
  expect((await closed).code).toBe(4008);
  await quick.close();
  await patient.stop();
});
