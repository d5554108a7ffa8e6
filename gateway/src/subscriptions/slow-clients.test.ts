import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { eventually } from '@orion/platform/testing';
import { NO_METRICS } from '../observability/metrics.js';
import { openRawFrames } from '../testing/raw-frames.js';
import type { RawFrames } from '../testing/raw-frames.js';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import type { SlowClientPolicy } from './event-sink.js';

const QUERY = 'subscription { noted(topic: "t") { title } }';
/** More than the system's buffers of a connection hold. */
const EVENTS = 120;
const PADDING = 'x'.repeat(150_000);
const QUEUED = 20;

let graph: TestGraph;
let gateway: TestGateway;
let dropped: number;

afterEach(async () => {
  await gateway.stop();
  await graph.stop();
});

async function start(slowClients: SlowClientPolicy, heartbeatMs = 60_000): Promise<void> {
  dropped = 0;
  graph = await startTestGraph();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    connections: { queuedEvents: QUEUED, heartbeatMs },
    subscriptions: { slowClients },
    metrics: { ...NO_METRICS, eventsDropped: (count) => void (dropped += count) },
  });
}

/** Publishes at the pace of a client that reads, who must not notice the other one. */
async function publishAll(): Promise<void> {
  const quick = connectClient(gateway.socketUrl);
  const { results } = quick.subscribe(QUERY);
  await eventually(() => quick.client !== undefined && graph.inbox.liveSubscriptions() === 1);
  expect(await quick.ask('{ me { name } }')).toEqual({ data: { me: { name: 'Ada' } } });
  for (let n = 1; n <= EVENTS; n += 1) {
    graph.publish('t', { id: 'n', title: `${n} ${PADDING}` });
    await eventually(() => results.length === n, { every: 1 });
  }
  expect(results.every((result) => !('extensions' in result))).toBe(true);
  await quick.close();
}

interface Numbered {
  readonly n: number;
  readonly dropped: number;
}

function numbered(result: unknown): Numbered {
  const { data, extensions } = result as {
    readonly data: { readonly noted: { readonly title: string } };
    readonly extensions?: { readonly dropped: number };
  };
  return { n: parseInt(data.noted.title, 10), dropped: extensions?.dropped ?? 0 };
}

/** Every number is either there or counted as dropped by the next one that is there. */
function expectComplete(events: readonly Numbered[]): void {
  let last = 0;
  for (const event of events) {
    expect(event.n).toBe(last + event.dropped + 1);
    last = event.n;
  }
  expect(last).toBe(EVENTS);
  expect(events.reduce((sum, event) => sum + event.dropped, 0)).toBe(dropped);
  expect(dropped).toBeGreaterThan(0);
}

async function subscribeRawFrames(): Promise<RawFrames> {
  const frames = await openRawFrames(gateway.socketUrl);
  frames.send('{"type":"connection_init"}');
  await eventually(() => frames.received.length === 1);
  frames.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  return frames;
}

async function subscribeHttp(accept: string): Promise<IncomingMessage> {
  const asking = request(gateway.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
  });
  asking.end(JSON.stringify({ query: QUERY }));
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  await eventually(() => graph.inbox.liveSubscriptions() === 1);
  return response;
}

test('drop-oldest over a WebSocket: it learns what it missed, and gets the newest', async () => {
  await start('drop-oldest');
  const frames = await subscribeRawFrames();
  frames.connection.pause();
  await publishAll();
  frames.connection.resume();
  const events = (): Numbered[] =>
    frames.received
      .slice(1)
      .map(({ payload }) => numbered((JSON.parse(payload.toString('utf8')) as { readonly payload: unknown }).payload));
  await eventually(() => events().at(-1)?.n === EVENTS);
  expectComplete(events());
  frames.connection.destroy();
});

test('drop-oldest over server-sent events', async () => {
  await start('drop-oldest');
  const response = await subscribeHttp('text/event-stream');
  await publishAll();
  let received = '';
  response.on('data', (chunk: Buffer) => (received += chunk.toString('utf8')));
  const events = (): Numbered[] =>
    received
      .split('\n\n')
      .slice(0, -1)
      .flatMap((event) =>
        event.startsWith('event: next') ? [numbered(JSON.parse(event.split('data: ')[1] ?? ''))] : [],
      );
  await eventually(() => events().at(-1)?.n === EVENTS);
  expectComplete(events());
  response.destroy();
});

test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
  'disconnect over %s: the connection is cut',
  async (accept) => {
    await start('disconnect');
    const response = await subscribeHttp(accept);
    await publishAll();
    expect(dropped).toBe(QUEUED + 1);
    const cut = once(response, 'error');
    response.resume();
    expect(((await cut) as [Error])[0].message).toBe('aborted');
    await eventually(() => graph.inbox.liveSubscriptions() === 0);
  },
);

test('disconnect over a WebSocket: 4008 is the last that comes', async () => {
  await start('disconnect');
  const frames = await subscribeRawFrames();
  frames.connection.pause();
  await publishAll();
  expect(dropped).toBe(QUEUED + 1);
  frames.connection.resume();
  const last = await eventually(() => frames.received.find(({ opcode }) => opcode === 8));
  expect(last.payload.readUInt16BE(0)).toBe(4008);
  expect(frames.received.at(-1)).toBe(last);
  frames.connection.destroy();
});

test('over HTTP, a client that reads nothing at all is gone after some heartbeats, whatever the policy', async () => {
  await start('drop-oldest', 100);
  const response = await subscribeHttp('text/event-stream');
  await publishAll();
  await eventually(() => graph.inbox.liveSubscriptions() === 0);
  response.destroy();
});
