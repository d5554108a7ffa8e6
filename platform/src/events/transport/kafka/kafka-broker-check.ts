import { formatKafkaAddress } from '../../../config/index.js';
import type { KafkaAddress, KafkaSecurity } from '../../../config/index.js';
import { apiProblem } from './kafka-api-needs.js';
import { codeOf, outageText, tlsProblem } from './kafka-connection-problem.js';
import { openKafkaProbe, speaksTls } from './kafka-probe.js';
import type { KafkaProbe } from './kafka-probe.js';
import { saslProblem, signIn } from './kafka-sign-in.js';
import { ForeignProtocolError, SASL_HANDSHAKE } from './kafka-wire.js';
import type { ApiVersions } from './kafka-wire.js';
import { UnsuitableBrokerError } from './unsuitable-broker-error.js';

export { UnsuitableBrokerError };

const OTHER_LISTENER = 'or set KAFKA_BROKERS to the port of another listener';

/** No broker could be asked: an outage, or addresses that lead nowhere. `message` says so of each and what to do. */
export class NoBrokerAnswersError extends AggregateError {
  override readonly name = 'NoBrokerAnswersError';
}

/**
 * Connects to the first of `brokers` that answers, the way the transport will, and asks what it can do. Resolves when
 * that suffices. Rejects with UnsuitableBrokerError, saying what is wrong and what to do, when it never will, and with
 * NoBrokerAnswersError when none answers.
 */
export async function checkKafkaBroker(brokers: readonly KafkaAddress[], security: KafkaSecurity = {}): Promise<void> {
  const failures: unknown[] = [];
  const told: string[] = [];
  for (const address of brokers) {
    try {
      return await checkOne(address, security);
    } catch (error) {
      if (error instanceof UnsuitableBrokerError) throw error;
      failures.push(error);
      told.push(outageText(formatKafkaAddress(address), error));
    }
  }
  throw new NoBrokerAnswersError(
    failures,
    `no Kafka broker answers: ${told.join('; ')}. Start the broker, or set KAFKA_BROKERS to where one listens.`,
  );
}

async function checkOne(address: KafkaAddress, security: KafkaSecurity): Promise<void> {
  const broker = formatKafkaAddress(address);
  const probe = await openKafkaProbe(address, security.tls).catch((error: unknown) =>
    explain(address, { error, security }),
  );
  try {
    const versions = await probe.apiVersions().catch((error: unknown) => explain(address, { error, security }));
    const problem = apiProblem(broker, versions) ?? (await signInProblem(broker, { probe, versions, security }));
    if (problem !== undefined) throw new UnsuitableBrokerError(problem);
  } finally {
    probe.close();
  }
  if (security.sasl !== undefined) await signIn(address, broker, security);
}

/** What does not go together in the ways to sign in: the broker tells it before anybody does. */
async function signInProblem(
  broker: string,
  {
    probe,
    versions,
    security,
  }: { readonly probe: KafkaProbe; readonly versions: ApiVersions; readonly security: KafkaSecurity },
): Promise<string | undefined> {
  if (!versions.has(SASL_HANDSHAKE)) return undefined;
  // Without a mechanism of our own any name will do: a listener without SASL refuses to talk about it.
  const mechanism = security.sasl?.mechanism.toUpperCase() ?? 'PLAIN';
  return saslProblem(broker, { handshake: await probe.saslHandshake(mechanism), security });
}

/** Rejects with what a connection that failed means. */
async function explain(
  address: KafkaAddress,
  { error, security: { tls } }: { readonly error: unknown; readonly security: KafkaSecurity },
): Promise<never> {
  const broker = formatKafkaAddress(address);
  if (tls === undefined) {
    // It was connected, and hung up or said something else: either it speaks TLS or it is no broker, or not ready.
    if (hungUp(error) && (await speaksTls(address))) {
      throw new UnsuitableBrokerError(`${broker} speaks TLS. Set KAFKA_SSL=true, ${OTHER_LISTENER}.`, { cause: error });
    }
  } else {
    const problem = tlsProblem(broker, { error, tls });
    if (problem !== undefined) throw problem;
    if (hungUp(error) || codeOf(error).startsWith('ERR_SSL_')) {
      if (await speaksPlainKafka(address)) {
        throw new UnsuitableBrokerError(`${broker} does not speak TLS. Set KAFKA_SSL=false, ${OTHER_LISTENER}.`, {
          cause: error,
        });
      }
    }
  }
  if (error instanceof ForeignProtocolError) {
    throw new UnsuitableBrokerError(
      `what listens at ${broker} is no Kafka broker. Set KAFKA_BROKERS to host:port of one.`,
      { cause: error },
    );
  }
  throw error;
}

function hungUp(error: unknown): boolean {
  return error instanceof ForeignProtocolError || codeOf(error) === 'ECONNRESET';
}

async function speaksPlainKafka(address: KafkaAddress): Promise<boolean> {
  try {
    const probe = await openKafkaProbe(address, undefined);
    try {
      await probe.apiVersions();
      return true;
    } finally {
      probe.close();
    }
  } catch {
    // Whatever it is, it is no broker that would answer without TLS; the first error tells the story.
    return false;
  }
}
