import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { jest } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { createLogger } from '../../../log/index.js';
import { eventually } from '../../../testing/eventually.js';
import { startTcpProxy } from '../../../testing/tcp-proxy.js';
import { numbersOf, sampleEvent } from '../../testing/sample-event.js';
import { createKafkaClient } from './kafka-client.js';
import { startKafkaSubscription } from './kafka-subscription.js';
import { startKafkaTail } from './kafka-tail.js';
import { createKafkaTransport } from './kafka-transport.js';

/** 3 x the session timeout. */
const RECOVERED_WITHIN_MS = 30_000;
const logger = createLogger('test', { level: 'silent' });
const configured = process.env['ORION_TEST_KAFKA_BROKERS'];
if (configured === undefined) {
  console.warn('SKIPPED: half-open connections to Kafka: ORION_TEST_KAFKA_BROKERS is not set');
}
const withKafka = configured === undefined ? describe.skip : describe;
const brokers = configured ?? '';
jest.setTimeout(90_000);

withKafka('half-open connections to Kafka', () => {
  it('are given up, and a consumer and a tail go on, within three session timeouts', async () => {
    const onFatal = (error: Error) => {
      throw error;
    };
    const [address = ''] = brokers.split(',');
    const proxy = await startTcpProxy({ targetPort: Number(address.split(':').at(-1)) });
    const direct = createKafkaClient({ brokers: [address], clientId: `direct-${randomUUID()}`, logger });
    // Whatever address the broker tells, its consumers get there through the proxy.
    const client = {
      ...direct,
      kafka: new Kafka({
        brokers: [address],
        clientId: direct.clientId,
        logLevel: logLevel.NOTHING,
        requestTimeout: 30_000,
        socketFactory: ({ onConnect }) => connect({ host: '127.0.0.1', port: proxy.port }, onConnect),
      }),
    };
    const publisher = createKafkaTransport({ brokers: [address], clientId: 'publisher', logger, onFatal });
    const topic = `orion.test-${randomUUID()}`;
    const append = (n: number) =>
      eventually(() => publisher.append([sampleEvent(topic, { key: 'a', n })]).then(() => true));
    const [taken, shown] = [new Set<number>(), new Set<number>()];
    await append(0);
    const subscription = await startKafkaSubscription(client, [topic], {
      group: randomUUID(),
      onBatch: (batch) => {
        numbersOf(batch).forEach((n) => taken.add(n));
        return Promise.resolve();
      },
      onFatal,
    });
    const tail = await startKafkaTail(client, [topic], {
      since: new Date(Date.now() - 60_000),
      onEvent: (event) => numbersOf([event]).forEach((n) => shown.add(n)),
      onFatal,
    });
    await eventually(() => taken.has(0) && shown.has(0), { within: 30_000 });

    expect(proxy.forgetConnections()).toBeGreaterThan(0);
    const silentSince = Date.now();
    await append(1);
    await eventually(() => taken.has(1) && shown.has(1), { within: 2 * RECOVERED_WITHIN_MS });
    expect(Date.now() - silentSince).toBeLessThan(RECOVERED_WITHIN_MS);

    // Ends what is left of the sessions that were given up, which nobody else would end for half a minute.
    await proxy.close();
    await Promise.all([subscription.stop(), tail.stop(), publisher.close()]);
  });
});
