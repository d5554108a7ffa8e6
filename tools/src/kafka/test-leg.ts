import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DEFAULT_KAFKA_VERSION, kafkaUnavailableReason, startKafka } from './index.js';
import type { KafkaVersion } from './index.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const VERSIONS: readonly KafkaVersion[] = [DEFAULT_KAFKA_VERSION, '3.9.1'];
/** What must hold on a real broker: the transport's contract, the broker itself, and the whole platform on it. */
const TESTS = ['platform/dist/events/kafka', 'tools/dist/kafka', 'tests/dist/walk'];

/**
 * The leg of the tests that needs Apache Kafka, on each version. Unavailable is a failure here: `npm test` is the one
 * that may skip.
 */
async function main(): Promise<number> {
  const reason = await kafkaUnavailableReason();
  if (reason !== undefined) {
    console.error(`the Kafka leg cannot run: ${reason}`);
    return 1;
  }
  for (const version of VERSIONS) {
    const broker = await startKafka({ version });
    try {
      console.log(`Apache Kafka ${version} at ${broker.brokers}`);
      const code = await runTests(broker.brokers);
      if (code !== 0) return code;
    } finally {
      await broker.stop();
    }
  }
  return 0;
}

async function runTests(brokers: string): Promise<number> {
  const child = spawn(process.execPath, ['tools/bootstrap/test.mjs', ...TESTS], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ORION_TEST_KAFKA: '1', ORION_TEST_KAFKA_BROKERS: brokers, KAFKA_BROKERS: brokers },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

process.exitCode = await main();
