import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { requireKafka } from './kafka-check.js';

const { signal } = new AbortController();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

/** A server that says this to whoever asks; the address of it. */
async function answering(answer: Buffer, port = 0): Promise<string> {
  const server = createServer((socket) =>
    socket.on('error', () => socket.destroy()).once('data', () => socket.end(answer)),
  );
  servers.push(server.listen(port, '127.0.0.1'));
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** ApiVersions of a KRaft controller: Fetch v0 to v17. */
const CONTROLLER = Buffer.from('0000001000000001000000000001000100000011', 'hex');

test('without Kafka there is nothing to look for', async () => {
  await expect(requireKafka({ KAFKA_BROKERS: '', PATH: '/bin' }, { signal })).resolves.toBeUndefined();
});

test('settings that cannot work are told all at once, before anything starts', async () => {
  const environment = { KAFKA_BROKERS: 'kafka', KAFKA_SASL_MECHANISM: 'gssapi' };
  await expect(requireKafka(environment, { signal })).rejects.toMatchObject({
    name: 'Problem',
    exitCode: 78,
    message: 'The settings of Kafka cannot work.',
    advice: [
      'KAFKA_BROKERS: "kafka" has no port: write kafka:9092',
      expect.stringContaining('KAFKA_SASL_MECHANISM') as string,
    ],
  });
});

test('a setting of Kafka without brokers is told', async () => {
  await expect(requireKafka({ KAFKA_SSL: 'true' }, { signal })).rejects.toMatchObject({
    advice: ['KAFKA_SSL: is of no use without KAFKA_BROKERS: set both or none'],
  });
});

test('a broker that is down is waited for a little, then told with what to do', async () => {
  const waits: string[] = [];
  const outcome = requireKafka(
    { KAFKA_BROKERS: '127.0.0.1:1' },
    { signal, patienceMs: 600, onWait: (what) => waits.push(what) },
  );
  const message = 'no Kafka broker answers: 127.0.0.1:1 refuses the connection: nothing listens there.';
  await expect(outcome).rejects.toMatchObject({
    name: 'Problem',
    exitCode: 1,
    message: expect.stringContaining(message) as string,
    advice: [
      'Start one on this machine, in another terminal: npm run kafka',
      'Or let events travel through Postgres: unset KAFKA_BROKERS.',
    ],
  });
  expect(waits).toEqual([expect.stringContaining(message)]);
});

test('a broker that will never do is told at once', async () => {
  const address = await answering(CONTROLLER);
  await expect(
    requireKafka({ KAFKA_BROKERS: address }, { signal, onWait: () => expect('waited').toBe('not waited') }),
  ).rejects.toMatchObject({
    name: 'Problem',
    exitCode: 1,
    message: expect.stringContaining(`${address} is a KRaft controller`) as string,
    advice: ['Or let events travel through Postgres: unset KAFKA_BROKERS.'],
  });
});

test('waiting ends with the signal', async () => {
  const stop = new AbortController();
  const outcome = requireKafka({ KAFKA_BROKERS: '127.0.0.1:1' }, { signal: stop.signal, onWait: () => stop.abort() });
  await expect(outcome).rejects.toMatchObject({ name: 'AbortError' });
});
