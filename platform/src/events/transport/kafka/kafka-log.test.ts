import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { createLogger } from '../../../log/index.js';
import { eventually } from '../../../testing/eventually.js';
import { startTcpProxy } from '../../../testing/tcp-proxy.js';
import { numbersOf, sampleEvent } from '../../testing/sample-event.js';
import type { LogPosition } from '../log-position.js';
import type { EventTransport } from '../transport.js';
import { toRecord } from './kafka-record.js';
import { createKafkaTransport } from './kafka-transport.js';

const configured = process.env['ORION_TEST_KAFKA_BROKERS'];
if (configured === undefined) {
  console.warn('SKIPPED: what only a Kafka log has: ORION_TEST_KAFKA_BROKERS is not set');
}
const withKafka = configured === undefined ? describe.skip : describe;
const brokers = configured ?? '';
const logger = createLogger('test', { level: 'silent' });
jest.setTimeout(60_000);

function open(list: string): EventTransport {
  return createKafkaTransport({
    brokers: list.split(','),
    clientId: `test-${randomUUID()}`,
    logger,
    onFatal: (error) => {
      throw error;
    },
  });
}

withKafka('a Kafka log', () => {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const opened: EventTransport[] = [];
  let admin: Admin;

  beforeAll(async () => {
    admin = kafka.admin();
    await admin.connect();
  });
  afterEach(() => Promise.all(opened.splice(0).map((transport) => transport.close())));
  afterAll(() => admin.disconnect());

  const transportOf = (list = brokers) => {
    const transport = open(list);
    opened.push(transport);
    return transport;
  };
  const newTopic = () => `orion.test-${randomUUID()}`;
  const event = (topic: string, n: number) => sampleEvent(topic, { key: 'a', n });
  const append = (transport: EventTransport, topic: string, numbers: readonly number[]) =>
    eventually(() => transport.append(numbers.map((n) => event(topic, n))).then(() => true));
  /** The partition of the one key. The broker may not know its leader yet, a moment after it was created. */
  const partitionOf = (topic: string, end: number) =>
    eventually(async () => {
      const bounds = await admin.fetchTopicOffsets(topic);
      return bounds.find(({ high }) => high === String(end))?.partition.toString();
    }).then(Number);
  const replayed = async (transport: EventTransport, topic: string, from: LogPosition = 'beginning') => {
    const numbers: number[] = [];
    await transport.replay([topic], {
      from,
      onBatch: (batch) => {
        numbers.push(...numbersOf(batch));
        return Promise.resolve();
      },
    });
    return numbers;
  };

  it('is replayed and caught up with to its end, though the broker keeps marks of transactions there', async () => {
    const [topic, transport] = [newTopic(), transportOf()];
    await append(transport, topic, [0]);
    const producer = kafka.producer({
      transactionalId: randomUUID(),
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    for (const [n, commits] of [
      [1, true],
      [2, false],
      [3, true],
      [4, false],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [toRecord(event(topic, n))] });
      await (commits ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    expect(await replayed(transport, topic)).toEqual([0, 1, 3]);
    const shown: number[] = [];
    const tail = await transport.tail([topic], {
      since: new Date(Date.now() - 60_000),
      onEvent: (seen) => shown.push(...numbersOf([seen])),
    });
    await tail.caughtUp;
    expect(shown).toEqual([0, 1, 3]);
  });

  it('is replayed from where it begins now, when its beginning was deleted', async () => {
    const [topic, transport] = [newTopic(), transportOf()];
    await append(transport, topic, [0, 1, 2, 3, 4]);
    const partition = await partitionOf(topic, 5);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: '3' }] });
    expect(await replayed(transport, topic)).toEqual([3, 4]);
    expect(await replayed(transport, topic, { offset: 1 })).toEqual([3, 4]);
    expect((await transport.lag(randomUUID(), [topic])).events).toBe(2);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: '5' }] });
    expect(await replayed(transport, topic)).toEqual([]);
  });

  it('is replayed to an end whose events are deleted while it is read', async () => {
    const [topic, transport] = [newTopic(), transportOf()];
    // More than one fetch brings.
    const large = Array.from({ length: 30 }, (_, n) => ({
      ...event(topic, n),
      data: { n, text: 'x'.repeat(50_000) },
    }));
    for (const one of large) await eventually(() => transport.append([one]).then(() => true));
    const partition = await partitionOf(topic, 30);
    let taken = 0;
    const { events } = await transport.replay([topic], {
      from: 'beginning',
      batchSize: 10,
      onBatch: async (batch) => {
        taken += batch.length;
        await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: '30' }] });
      },
    });
    expect(events).toBe(taken);
    expect(taken).toBeGreaterThanOrEqual(10);
    expect(taken).toBeLessThan(30);
  });

  it('is read by a new group from an offset of each partition on', async () => {
    const [topic, transport] = [newTopic(), transportOf()];
    await append(transport, topic, [0, 1, 2, 3]);
    const seen: number[] = [];
    await transport.subscribe([topic], {
      group: randomUUID(),
      startAt: { offset: 2 },
      onBatch: (batch) => {
        seen.push(...numbersOf(batch));
        return Promise.resolve();
      },
    });
    await eventually(() => seen.length >= 2, { within: 30_000 });
    expect(seen).toEqual([2, 3]);
    expect(await replayed(transport, topic, { offset: 3 })).toEqual([3]);
  });

  it('keeps a tail waiting that began while no broker answered, and then lacks nothing', async () => {
    const [topic, publisher] = [newTopic(), transportOf()];
    await append(publisher, topic, [0, 1]);
    const targetPort = Number(brokers.split(',')[0]?.split(':').at(-1));
    const gone = await startTcpProxy({ targetPort });
    await gone.close();
    const transport = transportOf(`127.0.0.1:${gone.port}`);
    const shown: number[] = [];
    let isCaughtUp = false;
    const tail = await transport.tail([topic], {
      since: new Date(Date.now() - 60_000),
      onEvent: (seen) => shown.push(...numbersOf([seen])),
    });
    void tail.caughtUp.then(() => (isCaughtUp = true));
    await expect(transport.ping()).rejects.toThrow();
    expect(isCaughtUp).toBe(false);
    // Only the first contact goes this way: the broker tells its own address.
    const proxy = await startTcpProxy({ targetPort, port: gone.port });
    await tail.caughtUp;
    expect(shown).toEqual([0, 1]);
    await transport.close();
    await proxy.close();
  });

  it('leaves no group behind of those who read by themselves', async () => {
    const [topic, transport] = [newTopic(), transportOf()];
    await append(transport, topic, [0]);
    const own = async () =>
      (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((id) => id.includes(marker));
    const marker = `marker-${randomUUID()}`;
    const marked = createKafkaTransport({
      brokers: brokers.split(','),
      clientId: marker,
      logger,
      onFatal: () => undefined,
    });
    opened.push(marked);
    const tail = await marked.tail([topic], { since: new Date(0), onEvent: () => undefined });
    await tail.caughtUp;
    expect(await own()).toHaveLength(1);
    await tail.stop();
    expect(await replayed(marked, topic)).toEqual([0]);
    expect(await own()).toEqual([]);
  });
});
