import { userLogin, userRegistered } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';
import { onlyThose } from './only-those.js';

let running: TestSubgraph;
let bus: TestBus;

beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'analytics' });
});

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

async function connect(permissions: readonly string[]): Promise<Client> {
  const context = await running.sign('', testViewer({ permissions }));
  return createClient({
    url: running.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { 'x-orion-context': context },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
  });
}

const login = (userId: string) =>
  userLogin.of({
    userId,
    sessionId: uuidv7(),
    deviceId: uuidv7(),
    isNewDevice: true,
    ip: '203.0.113.9',
    userAgent: 'x',
  });

describe('liveEvents', () => {
  it('shows what happens as it happens, only the names asked for, without personal data', async () => {
    const client = await connect(['analytics:read:any']);
    const events = client.iterate({
      query:
        'subscription { liveEvents(filter: { names: ["user.login"] }) { id name occurredAt user { id } properties } }',
    });
    const userId = uuidv7();
    const first = events.next();
    // The subscription is running when its first event arrives: until then, logins are sent.
    const sent: string[] = [];
    let arrived: Awaited<typeof first> | undefined;
    void first.then((result) => (arrived = result));
    while (arrived === undefined) {
      await bus.taken(
        await bus.deliver(
          userRegistered.of({ userId, email: 'a@b.test', displayName: 'A', locale: 'en', verificationToken: null }),
        ),
      );
      const event = await bus.deliver(login(userId));
      sent.push(event.id);
      await bus.taken(event);
    }
    const event = (arrived.value as { data: { liveEvents: { id: string; properties: object } } }).data.liveEvents;
    expect(sent).toContain(event.id);
    expect(event).toEqual({
      id: event.id,
      name: 'user.login',
      occurredAt: expect.any(String),
      user: { id: userId },
      properties: { deviceId: expect.any(String), isNewDevice: true },
    });
    await events.return?.();
    await client.dispose();
  });

  it('is refused without analytics:read:any', async () => {
    const client = await connect([]);
    const { value } = await client.iterate({ query: 'subscription { liveEvents { id } }' }).next();
    expect(value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    await client.dispose();
  });
});

describe('onlyThose', () => {
  it('ends the source, also while it waits for a value that passes', async () => {
    let end: (() => void) | undefined;
    let ended = false;
    const source: AsyncIterableIterator<number> = {
      next: () => new Promise((resolve) => (end = () => resolve({ done: true, value: undefined }))),
      return: () => {
        ended = true;
        end?.();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => source,
    };
    const filtered = onlyThose(source, () => false);
    const waiting = filtered.next();
    await filtered.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(ended).toBe(true);
  });
});
