import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../../../log/index.js';
import { eventually } from '../../../testing/eventually.js';
import { describeTransportContract } from '../../testing/transport-contract.js';
import { createKafkaTransport } from './kafka-transport.js';

const logger = createLogger('test', { level: 'silent' });
const brokers = process.env['ORION_TEST_KAFKA_BROKERS'];

const open = (list: readonly string[]) =>
  createKafkaTransport({
    brokers: list,
    clientId: `test-${randomUUID()}`,
    logger,
    onFatal: (error) => {
      throw error;
    },
  });

if (brokers === undefined) {
  console.warn(
    'SKIPPED: transport contract on Kafka: ORION_TEST_KAFKA_BROKERS is not set (npm run kafka starts a broker)',
  );
} else {
  describeTransportContract('kafka', {
    address: () => ({ kafkaBrokers: brokers }),
    // The broker gives up a silent member after 10 s, and the others learn of it with their next heartbeat.
    takeOverMs: 20_000,
    laterTopicMs: 30_000,
  });
}

describe('kafka transport', () => {
  it('says so when nobody listens', async () => {
    const transport = open(['127.0.0.1:1']);
    await expect(transport.ping()).rejects.toThrow(/no Kafka broker answers/);
    await transport.close();
  });

  it('says so when the port does not speak Kafka', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const transport = open([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
    await expect(transport.ping()).rejects.toThrow(/is no Kafka broker/);
    await transport.close();
    server.close();
  });

  it('names the mistake when the port is that of a KRaft controller, and gives up', async () => {
    // What a controller answers to ApiVersions v0: Metadata (3), but neither Produce (0) nor Fetch (1).
    const answer = Buffer.alloc(4 + 10 + 6);
    answer.writeInt32BE(16, 0);
    answer.writeInt32BE(1, 4);
    answer.writeInt32BE(1, 10);
    answer.writeInt16BE(3, 14);
    answer.writeInt16BE(12, 18);
    const server = createServer((socket) => socket.on('data', () => socket.write(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fatal: Error[] = [];
    const transport = createKafkaTransport({
      brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
      clientId: 'test',
      logger,
      onFatal: (error) => void fatal.push(error),
    });
    await expect(transport.ping()).rejects.toThrow(/is a KRaft controller/);
    await transport.subscribe(['orion.x'], { group: 'g', onBatch: () => Promise.resolve() });
    await eventually(() => fatal.length === 1);
    expect(fatal[0]?.message).toMatch(/is a KRaft controller/);
    await transport.close();
    server.close();
  });
});
