import { randomUUID } from 'node:crypto';
import { createTransport } from '@orion/platform/events';
import type { EventEnvelope, EventTransport } from '@orion/platform/events';
import { createTestDatabase, eventually, startTcpProxy } from '@orion/platform/testing';
import type { TestDatabase } from '@orion/platform/testing';
import { testLogger } from '../testing/test-gateway.js';
import { followAnnouncements } from './follow-announcements.js';
import type { AnnouncementFeed } from './follow-announcements.js';
import { MEMORY_MS } from './memory.js';
import { createRevocations, readRevocations } from './revocations.js';
import type { Revocations } from './revocations.js';

let database: TestDatabase;
const transports: EventTransport[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  await database.drop();
});

function open(): EventTransport {
  const transport = createTransport({ busDatabaseUrl: database.url, clientId: 'gateway-test', logger: testLogger });
  transports.push(transport);
  return transport;
}

function follow(revocations: Revocations, feed: AnnouncementFeed): () => Promise<void> {
  return followAnnouncements([readRevocations(revocations)], {
    feed,
    logger: testLogger,
    onCaughtUp: revocations.complete,
  });
}

function revoked(data: unknown, time = new Date()): EventEnvelope {
  const id = randomUUID();
  return {
    id,
    type: 'dev.orion.session.revoked.v1',
    source: '/subgraphs/auth',
    topic: 'orion.auth',
    key: id,
    time: time.toISOString(),
    correlationId: id,
    causationId: id,
    actorId: null,
    data,
  };
}

test('a revocation on the bus is known within a second, and one from before the start as well', async () => {
  const publisher = open();
  await publisher.append([revoked({ sessionId: 'before' }), revoked({ nonsense: true })]);
  const revocations = createRevocations();
  const heard: string[] = [];
  revocations.onRevoked((sessionId) => heard.push(sessionId));
  expect(revocations.isComplete()).toBe(false);
  const stop = follow(revocations, open());
  await revocations.completed;
  expect(revocations.has('before')).toBe(true);
  const publishedAt = Date.now();
  await publisher.append([revoked({ sessionId: 'now' })]);
  await eventually(() => revocations.has('now'));
  expect(Date.now() - publishedAt).toBeLessThan(1_000);
  expect(revocations.has('other')).toBe(false);
  expect(heard).toEqual(['before', 'now']);
  await stop();
});

test('a bus that is not there yet is tried again, and a stop ends the trying', async () => {
  const real = open();
  let attempts = 0;
  const feed: AnnouncementFeed = {
    tail: (topics, options) => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(new Error('not there')) : real.tail(topics, options);
    },
  };
  const revocations = createRevocations();
  const stop = follow(revocations, feed);
  await eventually(() => attempts === 2);
  await real.append([revoked({ sessionId: 'late' })]);
  await eventually(() => revocations.has('late'));
  await stop();

  const never = follow(createRevocations(), { tail: () => Promise.reject(new Error('never')) });
  await never();
});

test('a long backlog is replayed before the memory calls itself complete', async () => {
  const publisher = open();
  const earlier = new Date(Date.now() - 60_000);
  const backlog = Array.from({ length: 3_000 }, (_, index) => revoked({ sessionId: `backlog-${index}` }, earlier));
  await publisher.append(backlog);
  const revocations = createRevocations();
  const stop = follow(revocations, open());
  await revocations.completed;
  expect(revocations.has('backlog-2999')).toBe(true);
  await stop();
});

test('while the tail has not shown what the bus held the memory is not complete', async () => {
  let showCaughtUp: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => (showCaughtUp = resolve));
  let tails = 0;
  const feed: AnnouncementFeed = {
    tail: () => {
      tails += 1;
      return Promise.resolve({ caughtUp, stop: () => Promise.resolve() });
    },
  };
  const revocations = createRevocations();
  const stop = follow(revocations, feed);
  await eventually(() => tails === 1);
  expect(revocations.isComplete()).toBe(false);
  showCaughtUp();
  await revocations.completed;
  expect(revocations.isComplete()).toBe(true);
  await stop();
});

test('a bus that is not there is waited for, and its revocations are known before the memory calls itself complete', async () => {
  const target = new URL(database.url);
  const gone = await startTcpProxy({ targetPort: Number(target.port) });
  const { port } = gone;
  await gone.close();
  const away = new URL(database.url);
  away.port = String(port);
  const feed = createTransport({ busDatabaseUrl: away.href, clientId: 'gateway-test', logger: testLogger });
  transports.push(feed);
  await open().append([revoked({ sessionId: 'while-away' })]);
  const revocations = createRevocations();
  const stop = follow(revocations, feed);
  await eventually(async () => {
    await expect(feed.ping()).rejects.toThrow();
    return true;
  });
  expect(revocations.isComplete()).toBe(false);
  const proxy = await startTcpProxy({ targetPort: Number(target.port), port });
  await revocations.completed;
  expect(revocations.has('while-away')).toBe(true);
  await stop();
  await feed.close();
  await proxy.close();
});

test('a revocation is remembered for longer than the longest token lives', () => {
  expect(MEMORY_MS).toBe(3_660_000);
  const revocations = createRevocations();
  const now = Date.now;
  const addedAt = now();
  revocations.add('one');
  try {
    Date.now = () => addedAt + 3_600_000;
    expect(revocations.has('one')).toBe(true);
    Date.now = () => addedAt + 3_662_000;
    expect(revocations.has('one')).toBe(false);
  } finally {
    Date.now = now;
  }
});
