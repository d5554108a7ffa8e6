import { randomUUID } from 'node:crypto';
import { createTransport } from '@orion/platform/events';
import type { EventEnvelope, EventTransport } from '@orion/platform/events';
import { createTestDatabase, eventually } from '@orion/platform/testing';
import type { TestDatabase } from '@orion/platform/testing';
import { testLogger } from '../testing/test-gateway.js';
import { createRevocations, followRevocations } from './revocations.js';

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

function revoked(data: unknown): EventEnvelope {
  const id = randomUUID();
  return {
    id,
    type: 'dev.orion.session.revoked.v1',
    source: '/subgraphs/auth',
    topic: 'orion.auth',
    key: id,
    time: new Date().toISOString(),
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
  const stop = followRevocations(revocations, { feed: open(), logger: testLogger });
  await eventually(() => revocations.has('before'));
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
  const feed: Pick<EventTransport, 'tail'> = {
    tail: (topics, options) => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(new Error('not there')) : real.tail(topics, options);
    },
  };
  const revocations = createRevocations();
  const stop = followRevocations(revocations, { feed, logger: testLogger });
  await eventually(() => attempts === 2);
  await real.append([revoked({ sessionId: 'late' })]);
  await eventually(() => revocations.has('late'));
  await stop();

  const never = followRevocations(createRevocations(), {
    feed: { tail: () => Promise.reject(new Error('never')) },
    logger: testLogger,
  });
  await never();
});
