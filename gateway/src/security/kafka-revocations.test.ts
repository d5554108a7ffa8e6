import { randomUUID } from 'node:crypto';
import { createTransport } from '@orion/platform/events';
import type { EventEnvelope, EventTransport } from '@orion/platform/events';
import { eventually, startTcpProxy } from '@orion/platform/testing';
import { testLogger } from '../testing/test-gateway.js';
import { followAnnouncements } from './follow-announcements.js';
import type { AnnouncementFeed } from './follow-announcements.js';
import { createRevocations, readRevocations } from './revocations.js';
import type { Revocations } from './revocations.js';

const configured = process.env['ORION_TEST_KAFKA_BROKERS'];
if (configured === undefined) {
  console.warn(
    'SKIPPED: revoked sessions on Kafka: ORION_TEST_KAFKA_BROKERS is not set (npm run kafka starts a broker)',
  );
}
const withKafka = configured === undefined ? describe.skip : describe;
const brokers = configured ?? '';

function follow(revocations: Revocations, feed: AnnouncementFeed): () => Promise<void> {
  return followAnnouncements([readRevocations(revocations)], {
    feed,
    logger: testLogger,
    onCaughtUp: revocations.complete,
  });
}

function revoked(sessionId: string): EventEnvelope {
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
    data: { sessionId },
  };
}

function open(kafkaBrokers: string): EventTransport {
  return createTransport({ kafkaBrokers, clientId: `gateway-test-${randomUUID()}`, logger: testLogger });
}

withKafka('revoked sessions on Kafka', () => {
  test('all of a backlog are known when the memory calls itself complete, and later ones are heard', async () => {
    const publisher = open(brokers);
    const name = randomUUID();
    const backlog = Array.from({ length: 1_000 }, (_, index) => revoked(`${name}-${index}`));
    await eventually(() => publisher.append(backlog).then(() => true));
    const feed = open(brokers);
    const revocations = createRevocations();
    const stop = follow(revocations, feed);
    await revocations.completed;
    expect(backlog.filter((_, index) => !revocations.has(`${name}-${index}`))).toEqual([]);
    await publisher.append([revoked(`${name}-late`)]);
    await eventually(() => revocations.has(`${name}-late`));
    await stop();
    await Promise.all([feed.close(), publisher.close()]);
  }, 60_000);

  test('while no broker answers the memory is not complete, and afterwards it lacks nothing', async () => {
    const publisher = open(brokers);
    const sessionId = randomUUID();
    await eventually(() => publisher.append([revoked(sessionId)]).then(() => true));
    const targetPort = Number(brokers.split(',')[0]?.split(':').at(-1));
    const gone = await startTcpProxy({ targetPort });
    await gone.close();
    const feed = open(`127.0.0.1:${gone.port}`);
    const revocations = createRevocations();
    const stop = follow(revocations, feed);
    await expect(feed.ping()).rejects.toThrow(/no Kafka broker answers/);
    expect(revocations.isComplete()).toBe(false);
    // Only the first contact goes this way: the broker tells its own address.
    const proxy = await startTcpProxy({ targetPort, port: gone.port });
    await revocations.completed;
    expect(revocations.has(sessionId)).toBe(true);
    await stop();
    await Promise.all([feed.close(), publisher.close()]);
    await proxy.close();
  }, 60_000);
});
