import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkKafkaBroker, checkKafkaReach } from '@orion/platform/events';
import { eventually } from '@orion/platform/testing';
import { Kafka, logLevel } from 'kafkajs';
import { freePort } from '../ports/index.js';
import { startKafka } from './index.js';
import type { KafkaVersion } from './index.js';
import { describeWithKafka } from './kafka-tests.js';

const withKafka = await describeWithKafka('a real broker');

const TOPIC = 'orion.test';

function clientOf(brokers: string): Kafka {
  return new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
}

async function produce(brokers: string, value: string): Promise<void> {
  const producer = clientOf(brokers).producer();
  await producer.connect();
  await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: 'one', value }] });
  await producer.disconnect();
}

/** The first `count` values of the topic, read by a new group. */
async function consume(brokers: string, count: number): Promise<string[]> {
  const consumer = clientOf(brokers).consumer({ groupId: `reader-${Math.random()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value));
          if (values.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

withKafka('a real Kafka broker', () => {
  it.each<KafkaVersion>(['4.1.1', '3.9.1'])(
    '%s delivers a message, keeps it through kill -9 and a restart, and stops clean',
    async (version) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'orion-kafka-test-'));
      const broker = await startKafka({ version, dataDir });
      try {
        await produce(broker.brokers, 'before');
        expect(await consume(broker.brokers, 1)).toEqual(['before']);
        const killed = broker.pid();
        await broker.kill('SIGKILL');
        expect(isAlive(killed)).toBe(false);
        await broker.restart();
        await produce(broker.brokers, 'after');
        expect(await consume(broker.brokers, 2)).toEqual(['before', 'after']);
      } finally {
        await broker.stop();
        await rm(dataDir, { recursive: true, force: true });
      }
      expect(isAlive(broker.pid())).toBe(false);
    },
    300_000,
  );

  it('goes down with the process that started it, even when that is killed with SIGKILL', async () => {
    const start = `import { startKafka } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
      const broker = await startKafka();
      console.log(broker.pid() + ' ' + broker.dataDir);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', start], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const [pid, dataDir] = line.split(' ') as [string, string];
    expect(isAlive(Number(pid))).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => !isAlive(Number(pid)), { within: 60_000 });
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);

  it('sends its clients to the advertised port, and is ready without anything there', async () => {
    const advertisedPort = await freePort();
    const broker = await startKafka({ advertisedPort });
    let connections = 0;
    const proxy = createServer((client) => {
      connections += 1;
      const upstream = connect({ host: '127.0.0.1', port: Number(broker.brokers.split(':')[1]) });
      client.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => client.destroy()).pipe(client);
    });
    try {
      const addresses = [{ host: '127.0.0.1', port: Number(broker.brokers.split(':')[1]) }];
      await checkKafkaBroker(addresses);
      await expect(checkKafkaReach(addresses)).rejects.toThrow(
        `Kafka answers, and sends its clients to another address: 127.0.0.1:${advertisedPort} refuses the connection`,
      );
      proxy.listen(advertisedPort, '127.0.0.1');
      await once(proxy, 'listening');
      await checkKafkaReach(addresses);
      await produce(broker.brokers, 'through the proxy');
      expect(await consume(`127.0.0.1:${advertisedPort}`, 1)).toEqual(['through the proxy']);
      expect(connections).toBeGreaterThan(2);
    } finally {
      proxy.close();
      await broker.stop();
    }
  }, 120_000);

  it('names the cause when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    try {
      const { port } = holder.address() as AddressInfo;
      await expect(startKafka({ port })).rejects.toThrow(/Address already in use/);
    } finally {
      holder.close();
    }
  }, 120_000);
});
