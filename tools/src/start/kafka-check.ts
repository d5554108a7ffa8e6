import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaConfig } from '@orion/platform/config';
import { Problem } from '../problem/index.js';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;
/** A broker that is being started beside us may take so long; what is there and does not answer takes 5 s more. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 500;
const WITHOUT_KAFKA = 'Or let events travel through Postgres: unset KAFKA_BROKERS.';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * With KAFKA_BROKERS set, throws a Problem within seconds unless a broker answers there that will do: the services would
 * tell it to their log files only, and wait. `onWait` is told what is waited for meanwhile.
 */
export async function requireKafka(
  environment: Environment,
  {
    signal,
    patienceMs = PATIENCE_MS,
    onWait,
  }: {
    readonly signal: AbortSignal;
    readonly patienceMs?: number;
    readonly onWait?: (what: string) => void;
  },
): Promise<void> {
  if (!Object.entries(environment).some(([name, value]) => name.startsWith('KAFKA_') && value !== '')) return;
  // Only then: it takes a while to load.
  const { eventLogOf, readKafkaBrokers } = await import('@orion/platform/config');
  const config = await readConfig(environment);
  const events = await import('@orion/platform/events');
  const { kafkaBrokers = [], kafkaSecurity } = eventLogOf(config);
  const { addresses } = readKafkaBrokers(kafkaBrokers.join(','));
  if (addresses.length === 0) return;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await events.checkKafkaBroker(addresses, kafkaSecurity);
      return await events.checkKafkaReach(addresses, kafkaSecurity);
    } catch (error) {
      if (error instanceof events.UnsuitableBrokerError)
        throw new Problem(error.message, { advice: [WITHOUT_KAFKA], cause: error });
      if (!(error instanceof events.NoBrokerAnswersError)) throw error;
      if (Date.now() + PAUSE_MS > deadline) {
        throw new Problem(error.message, {
          advice: ['Start one on this machine, in another terminal: npm run kafka', WITHOUT_KAFKA],
          cause: error,
        });
      }
      onWait?.(error.message);
      await wait(PAUSE_MS, undefined, { signal });
    }
  }
}

/** Throws a Problem that names every variable of Kafka that is wrong. */
async function readConfig(environment: Environment): Promise<KafkaConfig> {
  const { ConfigError, kafkaConfigSchema, loadConfig } = await import('@orion/platform/config');
  try {
    return loadConfig(kafkaConfigSchema, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Problem('The settings of Kafka cannot work.', {
      advice: error.problems,
      exitCode: EXIT_CONFIG,
      cause: error,
    });
  }
}
