/** How SCRAM (RFC 5802) or PLAIN (RFC 4616) is called in KAFKA_SASL_MECHANISM. */
export const KAFKA_SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type KafkaSaslMechanism = (typeof KAFKA_SASL_MECHANISMS)[number];

/** How connections to Kafka are protected. Without `tls` they are plain TCP, without `sasl` nobody signs in. */
export interface KafkaSecurity {
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
}

/** All in PEM. */
export interface KafkaTls {
  /** Who may have signed the certificates of the brokers; the authorities that Node.js knows when not given. */
  readonly ca?: string | undefined;
  /** What this client shows of itself, with `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface KafkaSasl {
  readonly mechanism: KafkaSaslMechanism;
  readonly username: string;
  readonly password: string;
}
