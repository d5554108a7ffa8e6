import type { KafkaAddress, KafkaSecurity } from '../../../config/index.js';
import { causeNamed, visitKafka } from './kafka-visit.js';
import type { SaslHandshake } from './kafka-wire.js';
import { UnsuitableBrokerError } from './unsuitable-broker-error.js';

/** https://kafka.apache.org/protocol#protocol_error_codes */
const UNSUPPORTED_SASL_MECHANISM = 33;
const ILLEGAL_SASL_STATE = 34;

/** Why a broker and the configured way to sign in do not fit; undefined when they do. */
export function saslProblem(
  broker: string,
  { handshake, security }: { readonly handshake: SaslHandshake; readonly security: KafkaSecurity },
): string | undefined {
  const { sasl } = security;
  const offered = handshake.mechanisms.map((name) => name.toLowerCase()).join(', ');
  if (handshake.errorCode === ILLEGAL_SASL_STATE) {
    return sasl === undefined
      ? undefined
      : `${broker} wants nobody to sign in (its listener has no SASL). Unset KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME ` +
          'and KAFKA_SASL_PASSWORD, or set KAFKA_BROKERS to a listener with SASL.';
  }
  if (sasl === undefined) {
    return (
      `${broker} wants its clients to sign in (SASL; it offers ${offered || 'no mechanism'}). ` +
      'Set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.'
    );
  }
  return handshake.errorCode === UNSUPPORTED_SASL_MECHANISM
    ? `${broker} does not know ${sasl.mechanism}, it offers ${offered || 'no mechanism'}. Set KAFKA_SASL_MECHANISM to one of these.`
    : undefined;
}

/** Signs in to one broker. Throws UnsuitableBrokerError when it refuses the user, and what kafkajs throws otherwise. */
export async function signIn(address: KafkaAddress, broker: string, security: KafkaSecurity): Promise<void> {
  try {
    await visitKafka([address], security, () => undefined);
  } catch (error) {
    if (causeNamed(error, 'KafkaJSSASLAuthenticationError') === undefined) throw error;
    throw new UnsuitableBrokerError(
      `${broker} does not accept user "${security.sasl?.username ?? ''}" with the password that is set ` +
        `(${security.sasl?.mechanism ?? ''}). Set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD to a user of the broker.`,
      { cause: error },
    );
  }
}
