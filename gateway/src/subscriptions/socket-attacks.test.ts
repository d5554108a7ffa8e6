import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { EventEnvelope } from '@orion/platform/events';
import { eventually } from '@orion/platform/testing';
import { WebSocket } from 'ws';
import { openRawFrames } from '../testing/raw-frames.js';
import type { RawFrames } from '../testing/raw-frames.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';

const INIT = '{"type":"connection_init"}';
const SUBSCRIBE = JSON.stringify({
  id: '1',
  type: 'subscribe',
  payload: { query: 'subscription { noted(topic: "t") { title } }' },
});
let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway;
let revoke: (sessionId: string) => void;

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: issuer.rules,
    revocationFeed: {
      tail: (_topics, { onEvent }) => {
        revoke = (sessionId) =>
          onEvent({ id: '1', type: 'dev.orion.session.revoked.v1', data: { sessionId } } as EventEnvelope);
        return Promise.resolve({ caughtUp: Promise.resolve(), stop: () => Promise.resolve() });
      },
    },
    connections: { heartbeatMs: 60_000 },
    subscriptions: { lingerMs: 0 },
  });
});

afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
  await graph.stop();
});

async function talk(
  ...messages: readonly (string | Buffer)[]
): Promise<{ readonly code: number; readonly reason: string }> {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(INIT);
  await once(socket, 'message');
  for (const message of messages) socket.send(message);
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: String(reason) };
}

test.each<[string, (string | Buffer)[], number]>([
  ['an id that is in use', [SUBSCRIBE, SUBSCRIBE], 4409],
  ['a second connection_init', [INIT], 4429],
  ['a message for clients only', ['{"type":"next","id":"1","payload":{}}'], 4400],
  ['a type that there is none of', ['{"type":"toString"}'], 4400],
  ['an operation without a query', ['{"type":"subscribe","id":"1","payload":{}}'], 4400],
  ['an id that is no text', ['{"type":"subscribe","id":{},"payload":{"query":"{ me { id } }"}}'], 4400],
  ['no object', ['[]'], 4400],
  ['bytes', [Buffer.from(SUBSCRIBE)], 4400],
])('%s closes the socket', async (_name, messages, code) => {
  expect((await talk(...messages)).code).toBe(code);
  await eventually(() => graph.inbox.liveSubscriptions() === 0);
});

test('`__proto__` is an id like any other', async () => {
  const socket = new WebSocket(gateway.socketUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(INIT);
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '__proto__', type: 'subscribe', payload: { query: '{ me { name } }' } }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(String(data))).toMatchObject({
    id: '__proto__',
    type: 'next',
    payload: { data: { me: { name: 'Ada' } } },
  });
  socket.terminate();
});

async function signIn(sid: string): Promise<RawFrames> {
  const frames = await openRawFrames(gateway.socketUrl);
  const authorization = `Bearer ${await issuer.token({ claims: { sid } })}`;
  frames.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await eventually(() => frames.received.length === 1);
  return frames;
}

test('who was told to go cannot slip in another mutation before the connection is down', async () => {
  const frames = await signIn('leaving');
  graph.accounts.requests.length = 0;
  revoke('leaving');
  const close = await eventually(() => frames.received.find(({ opcode }) => opcode === 8));
  expect(close.payload.readUInt16BE(0)).toBe(4403);
  const query = 'mutation ($name: String!) { rename(id: "1", name: $name) { id } }';
  const payload = { query, variables: { name: 'after the end' } };
  frames.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  const ended = once(frames.connection, 'close');
  frames.frame(8, close.payload);
  await ended;
  // The same again takes the same way, and comes later.
  await gateway.ask(query, { variables: { name: 'by right' } });
  expect(graph.accounts.requests.map(({ body }) => body)).toEqual([expect.stringContaining('by right')]);
});

test('a client that asks without end and never reads is not read from any more, and gets its answers when it reads', async () => {
  const frames = await signIn('greedy');
  frames.connection.pause();
  const ping = JSON.stringify({ type: 'ping', payload: { padding: 'x'.repeat(60_000) } });
  let sent = 0;
  /** Each is answered with a pong that is as long. */
  const sendUntilBlocked = async (): Promise<boolean> => {
    while (sent < MOST_PINGS) {
      frames.send(ping);
      sent += 1;
      if (frames.connection.writableNeedDrain && !(await drains(frames.connection))) return true;
    }
    return false;
  };
  expect(await sendUntilBlocked()).toBe(true);
  frames.connection.resume();
  await eventually(() => frames.received.length === sent + 1, { within: 30_000 });
  frames.connection.destroy();
});

/** 120 MB: more than the buffers of a connection on both sides take. */
const MOST_PINGS = 2_000;

/** Whether the other side goes on reading. */
async function drains(connection: Socket): Promise<boolean> {
  const givingUp = new AbortController();
  const isDrained = await Promise.race([
    once(connection, 'drain', { signal: givingUp.signal }).then(() => true),
    wait(1_000, false, { signal: givingUp.signal }),
  ]).catch(() => false);
  givingUp.abort();
  return isDrained;
}
