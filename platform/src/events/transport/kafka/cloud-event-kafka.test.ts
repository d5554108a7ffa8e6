import { randomUUID } from 'node:crypto';
import { Kafka as CloudEvents } from 'cloudevents';
import type { CloudEvent, KafkaMessage } from 'cloudevents';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { createLogger } from '../../../log/index.js';
import { eventually } from '../../../testing/eventually.js';
import type { EventEnvelope } from '../../envelope.js';
import { anyEvent, foreign } from '../../testing/cloud-event-samples.js';
import type { EventTransport } from '../transport.js';
import { createKafkaTransport } from './kafka-transport.js';

const configured = process.env['ORION_TEST_KAFKA_BROKERS'];
if (configured === undefined) {
  console.warn(
    'SKIPPED: CloudEvents through a broker: ORION_TEST_KAFKA_BROKERS is not set (npm run kafka starts a broker)',
  );
}
const withKafka = configured === undefined ? describe.skip : describe;
const brokers = (configured ?? '').split(',');
const byId = (one: { readonly id: string }, other: { readonly id: string }) => one.id.localeCompare(other.id);

withKafka('CloudEvents through a broker', () => {
  const kafka = new Kafka({ brokers, clientId: `test-${randomUUID()}`, logLevel: logLevel.NOTHING });
  let transport: EventTransport;

  beforeAll(() => {
    transport = createKafkaTransport({
      brokers,
      clientId: `test-${randomUUID()}`,
      logger: createLogger('test', { level: 'silent' }),
      onFatal: (error) => {
        throw error;
      },
    });
  });
  afterAll(() => transport?.close());

  const samples = (topic: string): readonly EventEnvelope[] =>
    fc
      .sample(anyEvent(), 60)
      .map((event) => ({ ...event, topic }))
      .toSorted(byId);

  it('are what the transport writes', async () => {
    const topic = `orion.test-${randomUUID()}`;
    const events = samples(topic);
    await transport.append(events);
    // Delivery is at least once.
    const read = new Map<string, CloudEvent<unknown>>();
    const consumer = kafka.consumer({ groupId: randomUUID() });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const { key, value } = message;
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, header]) => [name, String(header)]),
        );
        const record = { key: String(key), value: String(value), headers } as unknown as KafkaMessage;
        const event = CloudEvents.toEvent(record) as CloudEvent<unknown>;
        read.set(event.id, event);
        return Promise.resolve();
      },
    });
    await eventually(() => read.size === events.length, { within: 30_000 });
    await consumer.disconnect();
    expect(
      [...read.values()].toSorted(byId).map(({ id, type, subject, data }) => ({ id, type, subject, data })),
    ).toEqual(events.map(({ id, type, key, data }) => ({ id, type, subject: key, data })));
  }, 60_000);

  it.each(['binary', 'structured'] as const)(
    'of another producer are read in %s mode',
    async (mode) => {
      const topic = `orion.test-${randomUUID()}`;
      const events = samples(topic);
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic, messages: events.map((event) => foreignRecord(event, mode)) });
      await producer.disconnect();
      const read = new Map<string, EventEnvelope>();
      const subscription = await transport.subscribe([topic], {
        group: `test-${randomUUID()}`,
        onBatch: (batch) => {
          for (const event of batch) read.set(event.id, event);
          return Promise.resolve();
        },
      });
      await eventually(() => read.size === events.length, { within: 30_000 });
      await subscription.stop();
      expect([...read.values()].toSorted(byId)).toEqual(events);
    },
    60_000,
  );
});

/** What a producer sends that builds its records with the SDK of the CloudEvents project. */
function foreignRecord(event: EventEnvelope, mode: 'binary' | 'structured') {
  const { headers, value } = CloudEvents[mode](foreign(event));
  return {
    key: event.key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
    headers: Object.fromEntries(Object.entries(headers).filter(([, header]) => header !== undefined)) as Record<
      string,
      string
    >,
  };
}
