import type { KafkaTls } from '../../../config/index.js';
import { UnsuitableBrokerError } from './unsuitable-broker-error.js';

/** Codes of OpenSSL and Node.js for a certificate that nobody trusted here has signed. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);

/** Alerts of a broker that wants a certificate, or another one (RFC 8446 section 6.2). */
const CLIENT_CERTIFICATE_ALERT =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CA|CERTIFICATE_EXPIRED|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)|ALERT_HANDSHAKE_FAILURE/;

const OUTAGES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection: nothing listens there',
  ETIMEDOUT: 'does not answer: it hangs, or a firewall is in between',
  ENOTFOUND: 'is a name that nobody knows here',
  EAI_AGAIN: 'is a name that cannot be looked up now',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ECONNRESET: 'closed the connection: it is not ready',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired: renew it on the broker',
  CERT_NOT_YET_VALID: 'shows a certificate that is not valid yet: compare the clocks',
};

/**
 * What a failed TLS connection to a broker means when it is a mistake in the configuration; undefined when it is an
 * outage. `broker` is `host:port`.
 */
export function tlsProblem(
  broker: string,
  { error, tls }: { readonly error: unknown; readonly tls: KafkaTls },
): UnsuitableBrokerError | undefined {
  const code = codeOf(error);
  const problem = (message: string) => new UnsuitableBrokerError(`${broker} ${message}`, { cause: error });
  if (UNTRUSTED.has(code)) {
    return tls.ca === undefined
      ? problem(
          `shows a certificate of an authority that is not trusted here (${code}). ` +
            'Set KAFKA_SSL_CA_FILE to the PEM file of that authority.',
        )
      : problem(
          `shows a certificate that no authority in KAFKA_SSL_CA_FILE has signed (${code}). ` +
            'Put the authority of this broker into that file, and whole chains into the keystore of the broker.',
        );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return problem(
      `shows a certificate for other names (${reasonOf(error)}). ` +
        'Write a name of the certificate in KAFKA_BROKERS and in advertised.listeners of the broker, or renew the certificate.',
    );
  }
  if (CLIENT_CERTIFICATE_ALERT.test(code)) {
    return tls.cert === undefined
      ? problem('wants a certificate of its clients (mutual TLS). Set KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE.')
      : problem(
          `does not accept the certificate in KAFKA_SSL_CERT_FILE (${code}). ` +
            'It has to be valid now and signed by an authority in the truststore of the broker.',
        );
  }
  return undefined;
}

/** What an outage looks like from here, beginning with the broker. */
export function outageText(broker: string, error: unknown): string {
  return `${broker} ${OUTAGES[codeOf(error)] ?? `fails: ${String(error)}`}`;
}

/** `code` of a system or OpenSSL error; empty when it has none. */
export function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Node.js says there which names the certificate has. */
function reasonOf(error: unknown): string {
  const { reason, message } = error as { readonly reason?: string; readonly message: string };
  return reason ?? message;
}
