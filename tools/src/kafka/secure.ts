import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { KafkaProtection } from './listeners.js';
import type { KafkaBroker } from './start-kafka.js';

const LISTENER = 'secure';
const USER = 'orion';

/** A listener with TLS and SASL, and the settings that reach it. */
export interface SecureListener {
  readonly protection: KafkaProtection;
  /** `NAME=value` of what a service has to be given. */
  settingsOf(broker: KafkaBroker): readonly string[];
}

/** Makes a certificate for localhost, which takes `openssl`, and a password. */
export async function secureListener(): Promise<SecureListener> {
  const { createTestAuthority } = await import('@orion/platform/testing');
  const authority = createTestAuthority();
  const password = randomBytes(12).toString('hex');
  return {
    protection: {
      certificate: { ...authority.issue({ commonName: 'localhost', names: ['localhost'] }), ca: authority.ca },
      users: { [USER]: password },
      listeners: [{ name: LISTENER, protocol: 'SASL_SSL', mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] }],
    },
    settingsOf: (broker) => [
      `KAFKA_BROKERS=${broker.addressOf(LISTENER)}`,
      'KAFKA_SSL=true',
      `KAFKA_SSL_CA_FILE=${join(broker.dataDir, 'truststore.pem')}`,
      'KAFKA_SASL_MECHANISM=scram-sha-512',
      `KAFKA_SASL_USERNAME=${USER}`,
      `KAFKA_SASL_PASSWORD=${password}`,
    ],
  };
}
