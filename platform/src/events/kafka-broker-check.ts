import { once } from 'node:events';
import { connect } from 'node:net';

const API_VERSIONS = 18;
const CORRELATION_ID = 1;
const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * The APIs that this transport needs, and the highest version of each that kafkajs 2.2.4 speaks. kafkajs itself only
 * looks at the highest version of the broker: a broker that has dropped the old ones (KIP-896 and what comes after)
 * would fail at some later request, with a message that explains nothing.
 */
const NEEDED_APIS = [
  { key: 0, name: 'Produce', highest: 7 },
  { key: 1, name: 'Fetch', highest: 11 },
  { key: 2, name: 'ListOffsets', highest: 3 },
  { key: 3, name: 'Metadata', highest: 6 },
  { key: 8, name: 'OffsetCommit', highest: 5 },
  { key: 9, name: 'OffsetFetch', highest: 4 },
  { key: 10, name: 'FindCoordinator', highest: 2 },
  { key: 11, name: 'JoinGroup', highest: 5 },
  { key: 12, name: 'Heartbeat', highest: 3 },
] as const;

/** The broker answers but can never work with this transport: a mistake in the configuration, not an outage. */
export class UnsuitableBrokerError extends Error {
  override readonly name = 'UnsuitableBrokerError';
}

/** Lowest and highest version of an API that a broker speaks. */
interface VersionRange {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Asks one of `brokers` which APIs it speaks. Resolves when they suffice. Rejects with UnsuitableBrokerError, saying
 * what is wrong, when they never will, and with the error of the connection when none of the brokers answers.
 */
export async function checkKafkaBroker(brokers: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const broker of brokers) {
    let versions: ReadonlyMap<number, VersionRange>;
    try {
      versions = await requestApiVersions(broker);
    } catch (error) {
      if (error instanceof UnsuitableBrokerError) throw error;
      failures.push(error);
      continue;
    }
    const problem = describeProblem(broker, versions);
    if (problem !== undefined) throw new UnsuitableBrokerError(problem);
    return;
  }
  throw new AggregateError(
    failures,
    `no Kafka broker answers at ${brokers.join(', ')}: ${failures.map(String).join('; ')}`,
  );
}

function describeProblem(broker: string, versions: ReadonlyMap<number, VersionRange>): string | undefined {
  if (!versions.has(0) || !versions.has(1)) {
    return (
      `${broker} is a KRaft controller: it serves no Produce and no Fetch. ` +
      'Set KAFKA_BROKERS to the port of a broker listener (often 9092), not of controller.quorum (often 9093).'
    );
  }
  const gone = NEEDED_APIS.filter(({ key, highest }) => (versions.get(key)?.lowest ?? Infinity) > highest);
  if (gone.length === 0) return undefined;
  const list = gone.map(
    ({ key, name, highest }) =>
      `${name} (needed at most v${highest}, offered from v${versions.get(key)?.lowest ?? 'none'})`,
  );
  return `${broker} is too new for kafkajs 2.2.4, it no longer speaks ${list.join(', ')}. Use Kafka 3.9 to 4.x.`;
}

/** ApiVersions v0 (https://kafka.apache.org/protocol#The_Messages_ApiVersions): every broker answers it. */
async function requestApiVersions(broker: string): Promise<ReadonlyMap<number, VersionRange>> {
  const colon = broker.lastIndexOf(':');
  const socket = connect({ host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)), timeout: TIMEOUT_MS });
  socket.once('timeout', () => socket.destroy(new Error(`${broker} did not answer within ${TIMEOUT_MS} ms`)));
  try {
    await once(socket, 'connect');
    socket.write(apiVersionsRequest());
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length < 4) continue;
      const size = answer.readInt32BE(0);
      if (size < 10 || size > MAX_ANSWER_BYTES)
        throw new UnsuitableBrokerError(`${broker} does not speak the Kafka protocol`);
      if (answer.length >= size + 4) return parseApiVersions(broker, answer.subarray(4, size + 4));
    }
    throw new Error(`${broker} closed the connection: it is not ready, or expects TLS`);
  } finally {
    socket.destroy();
  }
}

function apiVersionsRequest(): Buffer {
  const clientId = 'orion-check';
  const request = Buffer.alloc(14 + clientId.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(API_VERSIONS, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(CORRELATION_ID, 8);
  request.writeInt16BE(clientId.length, 12);
  request.write(clientId, 14, 'latin1');
  return request;
}

function parseApiVersions(broker: string, answer: Buffer): ReadonlyMap<number, VersionRange> {
  const count = answer.readInt32BE(6);
  if (answer.readInt32BE(0) !== CORRELATION_ID || answer.readInt16BE(4) !== 0 || answer.length < 10 + count * 6) {
    throw new UnsuitableBrokerError(`${broker} does not speak the Kafka protocol`);
  }
  return new Map(
    Array.from({ length: count }, (_, index) => {
      const at = 10 + index * 6;
      return [answer.readInt16BE(at), { lowest: answer.readInt16BE(at + 2), highest: answer.readInt16BE(at + 4) }];
    }),
  );
}
