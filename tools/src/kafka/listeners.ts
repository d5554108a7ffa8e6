import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A listener beside the plaintext one. */
export interface KafkaListener {
  /** Lower-case letters: it becomes a part of property names. */
  readonly name: string;
  readonly protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** With TLS: clients have to show a certificate that `certificate.ca` has signed. */
  readonly wantsClientCertificate?: boolean;
  /** With SASL: how clients may sign in. */
  readonly mechanisms?: readonly KafkaMechanism[];
}

export type KafkaMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** What listeners with TLS or SASL need. */
export interface KafkaProtection {
  readonly listeners: readonly KafkaListener[];
  /** In PEM, the key as PKCS #8; for the listeners with TLS. */
  readonly certificate?: { readonly key: string; readonly cert: string; readonly ca: string };
  /**
   * Passwords by user name, without quotes and commas, for the listeners with SASL. SCRAM users are written when the
   * data folder is formatted.
   */
  readonly users?: Readonly<Record<string, string>>;
}

type Properties = Readonly<Record<string, string | number>>;

const KEYSTORE = 'keystore.pem';
const TRUSTSTORE = 'truststore.pem';

/** Puts the certificates where {@link protectionProperties} says. */
export async function writeStores(folder: string, { certificate }: KafkaProtection): Promise<void> {
  if (certificate === undefined) return;
  await writeFile(join(folder, KEYSTORE), certificate.key + certificate.cert, { mode: 0o600 });
  await writeFile(join(folder, TRUSTSTORE), certificate.ca);
}

export function protectionProperties(folder: string, protection: KafkaProtection): Properties {
  const { certificate, listeners, users = {} } = protection;
  const stores: Properties =
    certificate === undefined
      ? {}
      : {
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': join(folder, KEYSTORE),
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.location': join(folder, TRUSTSTORE),
        };
  return Object.assign(
    { ...stores },
    ...listeners.map((listener) => listenerProperties(listener, users)),
  ) as Properties;
}

/** Arguments of the formatting tool that make the users known to SCRAM. */
export function scramArguments({ listeners, users = {} }: KafkaProtection): readonly string[] {
  const mechanisms = new Set(listeners.flatMap(({ mechanisms: own = [] }) => own).filter((name) => name !== 'PLAIN'));
  return [...mechanisms].flatMap((mechanism) =>
    Object.entries(users).flatMap(([name, password]) => [
      '--add-scram',
      `${mechanism}=[name="${name}",password="${password}"]`,
    ]),
  );
}

function listenerProperties(
  { name, wantsClientCertificate = false, mechanisms = [] }: KafkaListener,
  users: Readonly<Record<string, string>>,
): Properties {
  const prefix = `listener.name.${name}`;
  const known = Object.entries(users).map(([user, password]) => ` user_${user}="${password}"`);
  const modules: Readonly<Record<KafkaMechanism, string>> = {
    PLAIN: `org.apache.kafka.common.security.plain.PlainLoginModule required${known.join('')};`,
    'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
  return {
    ...(wantsClientCertificate ? { [`${prefix}.ssl.client.auth`]: 'required' } : {}),
    ...(mechanisms.length === 0 ? {} : { [`${prefix}.sasl.enabled.mechanisms`]: mechanisms.join(',') }),
    ...Object.fromEntries(
      mechanisms.map((mechanism) => [`${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`, modules[mechanism]]),
    ),
  };
}
