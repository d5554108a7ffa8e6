import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createTestAuthority, createTestCertificate } from '../../../testing/index.js';
import { checkKafkaBroker, NoBrokerAnswersError, UnsuitableBrokerError } from './kafka-broker-check.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

async function listen(server: Server): Promise<{ readonly host: string; readonly port: number }> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Something that treats each connection in this way. */
function serve(onConnection: (socket: Socket) => void): Promise<{ readonly host: string; readonly port: number }> {
  return listen(createServer((socket) => onConnection(socket.on('error', () => socket.destroy()))));
}

/** The answer of a broker that speaks these versions: API key, lowest, highest. */
function apiVersions(apis: readonly (readonly [number, number, number])[]): Buffer {
  const body = Buffer.alloc(14 + apis.length * 6);
  body.writeInt32BE(body.length - 4, 0);
  body.writeInt32BE(1, 4);
  body.writeInt32BE(apis.length, 10);
  apis.forEach((numbers, index) => numbers.forEach((n, at) => body.writeInt16BE(n, 14 + index * 6 + at * 2)));
  return body;
}

/** What Apache Kafka 4.1 answers, as far as this transport needs it. */
const KAFKA_4: readonly (readonly [number, number, number])[] = [
  [0, 0, 13],
  [1, 4, 17],
  [2, 1, 10],
  [3, 0, 13],
  [8, 2, 9],
  [9, 1, 9],
  [10, 0, 6],
  [11, 2, 9],
  [12, 0, 4],
  [13, 0, 5],
  [14, 0, 5],
  [19, 2, 7],
  [42, 0, 2],
];

function answering(apis: readonly (readonly [number, number, number])[]) {
  return serve((socket) => socket.once('data', () => socket.write(apiVersions(apis))));
}

/** Nothing listens there: the port was free a moment ago. */
async function deadAddress() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { host: '127.0.0.1', port };
}

test('a broker that speaks what is needed will do, also when the ones before it are down', async () => {
  await expect(checkKafkaBroker([await deadAddress(), await answering(KAFKA_4)])).resolves.toBeUndefined();
});

test('a broker that is too old is told with the versions that would do', async () => {
  // As of Kafka 0.10.0: records have no headers, offsets are not found by time, nobody can create topics.
  const old = KAFKA_4.filter(([key]) => key < 19).map(([key, , highest]) => [key, 0, Math.min(highest, 2)] as const);
  const address = await answering(old);
  const outcome = checkKafkaBroker([address]);
  await expect(outcome).rejects.toThrow(UnsuitableBrokerError);
  await expect(outcome).rejects.toThrow(
    `127.0.0.1:${address.port} is too old, it does not speak Produce (needed from v3, Kafka 0.11; offered up to v2), ` +
      'Fetch (needed from v4, Kafka 0.11; offered up to v2), CreateTopics (needed from v0, Kafka 0.10.1; offered up to ' +
      'none), DeleteGroups (needed from v0, Kafka 1.1; offered up to none). Use Kafka 3.9 or 4.x.',
  );
});

test('a broker that is too new is told with the versions that would do', async () => {
  const address = await answering(KAFKA_4.map(([key, low, high]) => (key === 1 ? [key, 12, 20] : [key, low, high])));
  await expect(checkKafkaBroker([address])).rejects.toThrow(
    'is too new for kafkajs 2.2.4, it no longer speaks Fetch (needed at most v11, offered from v12). Use Kafka 3.9 or 4.x.',
  );
});

test('the port of a controller is told as one', async () => {
  const address = await answering(KAFKA_4.filter(([key]) => key === 1 || key === 19));
  await expect(checkKafkaBroker([address])).rejects.toThrow(
    /is a KRaft controller.*Set KAFKA_BROKERS to the port of a/,
  );
});

test.each([
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['bytes of a plausible length', '\0\0\0\x08\0\0\0\x02\0\0\0\0'],
  ['an answer that ends too early', '\0\0\0\x0a\0\0\0\x01\0\0\0\0\0\x05'],
])('what speaks something else is no broker: %s', async (_, answer) => {
  const address = await serve((socket) => socket.once('data', () => socket.end(answer, 'latin1')));
  const outcome = checkKafkaBroker([address]);
  await expect(outcome).rejects.toThrow(UnsuitableBrokerError);
  await expect(outcome).rejects.toThrow(`what listens at 127.0.0.1:${address.port} is no Kafka broker`);
});

test('a broker that is down, hangs up or has no known name is an outage that names each and what to do', async () => {
  const dead = await deadAddress();
  const hangingUp = await serve((socket) => socket.destroy());
  const unknown = { host: 'kafka.invalid', port: 9092 };
  const outcome = checkKafkaBroker([dead, hangingUp, unknown]);
  await expect(outcome).rejects.toThrow(NoBrokerAnswersError);
  await expect(outcome).rejects.toThrow(
    new RegExp(
      `^no Kafka broker answers: 127.0.0.1:${dead.port} refuses the connection: nothing listens there; ` +
        `127.0.0.1:${hangingUp.port} closed the connection: it is not ready; ` +
        'kafka.invalid:9092 is a name that (nobody knows here|cannot be looked up now). ' +
        'Start the broker, or set KAFKA_BROKERS to where one listens.$',
    ),
  );
});

test('a broker that takes the connection and stays silent is an outage after five seconds', async () => {
  await expect(checkKafkaBroker([await serve((socket) => socket.resume())])).rejects.toThrow(
    'does not answer: it hangs, or a firewall is in between',
  );
});

test('an outage of a broker with TLS is not taken for a mistake in the configuration', async () => {
  const { key, cert } = createTestCertificate();
  const hangingUp = await serve((socket) => socket.destroy());
  const address = await listen(createTlsServer({ key, cert }, (socket) => socket.destroy()));
  for (const at of [await deadAddress(), hangingUp, { ...address, host: 'localhost' }])
    await expect(checkKafkaBroker([at], { tls: { ca: cert } })).rejects.toThrow(NoBrokerAnswersError);
});

test('a listener with TLS is told when none is configured', async () => {
  const address = await listen(createTlsServer(createTestCertificate()));
  await expect(checkKafkaBroker([address])).rejects.toThrow(
    `127.0.0.1:${address.port} speaks TLS. Set KAFKA_SSL=true, or set KAFKA_BROKERS to the port of another listener.`,
  );
});

test('a listener without TLS is told when it is configured', async () => {
  const address = await answering(KAFKA_4);
  await expect(checkKafkaBroker([address], { tls: {} })).rejects.toThrow(
    `127.0.0.1:${address.port} does not speak TLS. Set KAFKA_SSL=false, or set KAFKA_BROKERS to the port of another`,
  );
});

test('a certificate that has expired is waited for: it is renewed on the broker', async () => {
  const authority = createTestAuthority();
  const expired = authority.issue({ commonName: 'localhost', names: ['localhost'], days: -1 });
  const { port } = await listen(createTlsServer(expired));
  const outcome = checkKafkaBroker([{ host: 'localhost', port }], { tls: { ca: authority.ca } });
  await expect(outcome).rejects.toThrow(NoBrokerAnswersError);
  await expect(outcome).rejects.toThrow('shows a certificate that has expired: renew it on the broker');
});
