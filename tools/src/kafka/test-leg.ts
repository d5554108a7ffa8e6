import { installPackage } from '../legs/install-package.js';
import { runTests } from '../legs/run-tests.js';
import { runVisibly } from '../legs/run-visibly.js';
import { errorText } from '../problem/index.js';
import { DEFAULT_KAFKA_VERSION, kafkaUnavailableReason, startKafka } from './index.js';
import type { KafkaVersion } from './index.js';

const OLDER_VERSION: KafkaVersion = '3.9.1';

/** What the transport and the backbone promise; with a broker for all of it. */
const ON_ONE_BROKER = ['platform/dist/events/.*kafka', 'gateway/dist/security/kafka'];
/** The whole platform, a broker for each: on one, two platforms are replicas of each other and share the events. */
const PLATFORMS = ['tests/dist/walk', 'tests/dist/operations', 'tests/dist/causation'];
/** Those that start, protect, kill and cut off brokers of their own. */
const WITH_OWN_BROKERS = ['tools/dist/kafka', 'tests/dist/faults/faults-kafka'];
const CONTRACT = [
  'platform/dist/events/transport/kafka/kafka-transport',
  'platform/dist/events/testing/kafka-backbone',
];

/**
 * The leg of the tests that needs Apache Kafka: everything on the default version, the transport's contract on the one
 * before. It installs Debian's Java and Maven when there are none. Unavailable is a failure here, and so is a test that
 * was skipped: `npm test` is the one that may skip.
 */
async function main(): Promise<number> {
  const missing = await install();
  if (missing !== undefined) {
    console.error(`the Kafka leg cannot run: ${missing}`);
    return 1;
  }
  const steps = [
    () => withBroker(DEFAULT_KAFKA_VERSION, ON_ONE_BROKER),
    ...PLATFORMS.map((test) => () => withBroker(DEFAULT_KAFKA_VERSION, [test])),
    () => runTests(WITH_OWN_BROKERS, { environment: { ORION_TEST_KAFKA: '1' }, parameters: ['--maxWorkers=1'] }),
    () => withBroker(OLDER_VERSION, CONTRACT),
  ];
  for (const step of steps) {
    const began = performance.now();
    const status = await step();
    if (status !== 0) return status;
    console.log(`${Math.round((performance.now() - began) / 1000)} s`);
  }
  return 0;
}

/** Why a broker cannot be run here, after what can be installed was. */
async function install(): Promise<string | undefined> {
  if ((await unavailableReason()) !== undefined) {
    for (const name of ['default-jre-headless', 'maven']) await installPackage(name);
  }
  // Certificates for the tests of TLS are made with it.
  if ((await runVisibly('openssl', ['version'])) !== 0) await installPackage('openssl');
  return unavailableReason();
}

async function unavailableReason(): Promise<string | undefined> {
  for (const version of [DEFAULT_KAFKA_VERSION, OLDER_VERSION]) {
    const reason = await kafkaUnavailableReason({ version });
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function withBroker(version: KafkaVersion, tests: readonly string[]): Promise<number> {
  const broker = await startKafka({ version });
  try {
    console.log(`Apache Kafka ${version} at ${broker.brokers}`);
    const { brokers } = broker;
    return await runTests(tests, { environment: { ORION_TEST_KAFKA_BROKERS: brokers, KAFKA_BROKERS: brokers } });
  } finally {
    await broker.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`the Kafka leg cannot go on: ${errorText(error)}`);
  process.exitCode = 1;
}
