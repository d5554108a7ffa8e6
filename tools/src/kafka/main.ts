import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Problem } from '../problem/index.js';
import { secureListener } from './secure.js';
import { startKafka } from './start-kafka.js';
import { DEFAULT_KAFKA_VERSION, isKafkaVersion } from './version.js';

const USAGE = `usage: npm run kafka -- [--version 4.1.x|3.9.x] [--port N] [--data DIR] [--secure]
Starts a single Apache Kafka broker on loopback and keeps it until Ctrl-C.
  --version  ${DEFAULT_KAFKA_VERSION} by default
  --port     9092 by default; 0 takes a free one
  --data     .orion/kafka-<version> by default
  --secure   with TLS and SASL, on data that are thrown away in the end; prints the settings that reach it`;

async function main(): Promise<void> {
  const options = {
    version: { type: 'string', default: DEFAULT_KAFKA_VERSION },
    port: { type: 'string', default: '9092' },
    data: { type: 'string' },
    secure: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  const { version, port, secure, data = `.orion/kafka-${version}` } = values;
  if (values.help === true || !isKafkaVersion(version) || !/^\d+$/.test(port)) {
    console.log(USAGE);
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  // Listened for from the start: a Ctrl-C while the broker starts must still stop it in order.
  const stopRequested = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  const began = performance.now();
  console.log(`starting Apache Kafka ${version} (the first start resolves its jars with Maven)`);
  const listener = secure ? await secureListener() : undefined;
  const broker = await startKafka({
    version,
    port: Number(port),
    // A user and a certificate of today are of no use to the data of yesterday.
    ...(listener === undefined ? { dataDir: data } : { protection: listener.protection }),
  });
  console.log(`ready in ${Math.round(performance.now() - began)} ms; data in ${broker.dataDir}`);
  console.log((listener?.settingsOf(broker) ?? [`KAFKA_BROKERS=${broker.brokers}`]).join('\n'));
  await stopRequested;
  await broker.stop();
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error instanceof Problem ? [error.message, ...error.advice].join('\n') : error);
  process.exit(1);
});
