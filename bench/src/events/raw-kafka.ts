import { Kafka, Partitioners, logLevel } from 'kafkajs';
import type { Consumer, Message } from 'kafkajs';

const PARTITIONS = 6;

/** A producer and a consumer of kafkajs as its documentation has them, on a topic of their own. */
export interface RawKafka {
  /** Sends `count` records, `batch` at a time, and resolves when the consumer has had them all. */
  roundTrip(records: readonly Message[], options: { readonly count: number; readonly batch: number }): Promise<void>;
  /** The first `count` records of a topic. */
  read(topic: string, count: number): Promise<readonly Message[]>;
  close(): Promise<void>;
}

export async function openRawKafka(brokers: readonly string[]): Promise<RawKafka> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'raw', logLevel: logLevel.NOTHING });
  const topic = 'raw';
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  let consumed = 0;
  let look = (): void => undefined;
  const consumer = await follow(kafka, { groupId: 'raw', topic }, (messages) => {
    consumed += messages.length;
    look();
  });
  return {
    async roundTrip(records, { count, batch }) {
      const target = consumed + count;
      const done = new Promise<void>((resolve) => {
        look = () => {
          if (consumed >= target) resolve();
        };
      });
      for (let sent = 0; sent < count; sent += batch) {
        const from = sent % records.length;
        await producer.send({ topic, acks: -1, messages: records.slice(from, from + batch) });
      }
      await done;
    },
    async read(from, count) {
      const records: Message[] = [];
      const reader = await new Promise<Consumer>((resolve, reject) => {
        let following: Promise<Consumer> | undefined;
        following = follow(kafka, { groupId: `raw-${from}`, topic: from }, (messages) => {
          records.push(...messages);
          if (records.length >= count && following !== undefined) following.then(resolve, reject);
        });
        following.catch(reject);
      });
      await reader.disconnect();
      return records.slice(0, count);
    },
    async close() {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    },
  };
}

/** Resolves when the consumer has joined its group. */
async function follow(
  kafka: Kafka,
  { groupId, topic }: { readonly groupId: string; readonly topic: string },
  onMessages: (messages: readonly Message[]) => void,
): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatch: ({ batch: { messages } }) => {
      onMessages(messages.map(({ key, value, headers }) => ({ key, value, ...(headers && { headers }) })));
      return Promise.resolve();
    },
  });
  await joined;
  return consumer;
}
