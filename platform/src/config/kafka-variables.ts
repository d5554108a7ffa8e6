import { z } from 'zod';
import { formatKafkaAddress, readKafkaBrokers } from './kafka-brokers.js';
import { KAFKA_SASL_MECHANISMS } from './kafka-security.js';
import type { KafkaSaslMechanism, KafkaSecurity } from './kafka-security.js';
import { areOfOnePair, certificateFile, privateKeyFile } from './pem-file.js';
import { variables } from './variables.js';

const brokers = z.string().transform((list, context) => {
  const { addresses, problems } = readKafkaBrokers(list);
  for (const message of problems) context.addIssue({ code: 'custom', message });
  return addresses.map(formatKafkaAddress);
});

/** What every process that takes part in events reads to reach Kafka. */
export const kafkaVariables = {
  KAFKA_BROKERS: brokers
    .optional()
    .describe('Kafka bootstrap brokers, host:port separated by commas; replaces BUS_DATABASE_URL'),
  KAFKA_SSL: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .describe('TLS towards Kafka'),
  KAFKA_SSL_CA_FILE: certificateFile()
    .optional()
    .describe("PEM file of the authorities that signed the brokers' certificates; standard is those Node.js knows"),
  KAFKA_SSL_CERT_FILE: certificateFile()
    .optional()
    .describe(
      'PEM file of the certificate that this client shows to Kafka (mutual TLS), with those between it and its authority',
    ),
  KAFKA_SSL_KEY_FILE: privateKeyFile()
    .optional()
    .describe('PEM file of the private key of KAFKA_SSL_CERT_FILE, without a passphrase'),
  KAFKA_SASL_MECHANISM: z
    .string()
    .toLowerCase()
    .pipe(z.enum(KAFKA_SASL_MECHANISMS))
    .optional()
    .describe(`how to sign in to Kafka: ${KAFKA_SASL_MECHANISMS.join(', ')}; standard is not to`),
  KAFKA_SASL_USERNAME: z.string().optional().describe('user name for KAFKA_SASL_MECHANISM'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe('password for KAFKA_SASL_MECHANISM'),
} as const;

/** The values of {@link kafkaVariables}; of a variable that names a file, the text of the file. */
export interface KafkaConfig {
  readonly KAFKA_BROKERS?: string[] | undefined;
  readonly KAFKA_SSL: boolean;
  readonly KAFKA_SSL_CA_FILE?: string | undefined;
  readonly KAFKA_SSL_CERT_FILE?: string | undefined;
  readonly KAFKA_SSL_KEY_FILE?: string | undefined;
  readonly KAFKA_SASL_MECHANISM?: KafkaSaslMechanism | undefined;
  readonly KAFKA_SASL_USERNAME?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: string | undefined;
}

/** A combination that makes no sense: the variable to look at, and what to do. */
export interface KafkaConfigProblem {
  readonly variable: keyof KafkaConfig;
  readonly message: string;
}

/** Combinations of the variables that make no sense; `production` wants more than a laptop does. */
export function kafkaConfigProblems(
  config: KafkaConfig,
  { production }: { readonly production: boolean },
): readonly KafkaConfigProblem[] {
  const isSet = (name: keyof KafkaConfig): boolean => config[name] !== undefined && config[name] !== false;
  const names = Object.keys(kafkaVariables) as (keyof KafkaConfig)[];
  if (config.KAFKA_BROKERS === undefined) {
    return names
      .filter(isSet)
      .map((variable) => ({ variable, message: 'is of no use without KAFKA_BROKERS: set both or none' }));
  }
  const problems: KafkaConfigProblem[] = [];
  const needs = (variable: keyof KafkaConfig, needed: keyof KafkaConfig, message: string): void => {
    if (isSet(variable) && !isSet(needed)) problems.push({ variable, message });
  };
  for (const variable of names.filter((name) => name.startsWith('KAFKA_SSL_'))) {
    needs(variable, 'KAFKA_SSL', 'is of no use without TLS: set KAFKA_SSL=true');
  }
  needs('KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE', 'needs its private key: set KAFKA_SSL_KEY_FILE');
  needs('KAFKA_SSL_KEY_FILE', 'KAFKA_SSL_CERT_FILE', 'needs its certificate: set KAFKA_SSL_CERT_FILE');
  const { KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: key } = config;
  if (cert !== undefined && key !== undefined && !areOfOnePair({ cert, key })) {
    problems.push({ variable: 'KAFKA_SSL_KEY_FILE', message: 'is not the private key of KAFKA_SSL_CERT_FILE' });
  }
  needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'needs KAFKA_SASL_USERNAME');
  needs('KAFKA_SASL_MECHANISM', 'KAFKA_SASL_PASSWORD', 'needs KAFKA_SASL_PASSWORD');
  const mechanism = `needs KAFKA_SASL_MECHANISM: one of ${KAFKA_SASL_MECHANISMS.join(', ')}`;
  needs('KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM', mechanism);
  needs('KAFKA_SASL_PASSWORD', 'KAFKA_SASL_MECHANISM', mechanism);
  if (production && config.KAFKA_SASL_MECHANISM === 'plain' && !config.KAFKA_SSL) {
    problems.push({
      variable: 'KAFKA_SASL_MECHANISM',
      message: 'plain would send the password in clear text: in production set KAFKA_SSL=true, or use scram-sha-512',
    });
  }
  return problems;
}

/** Only what concerns Kafka, for a program that starts others. */
export const kafkaConfigSchema = z
  .object({ NODE_ENV: variables.NODE_ENV, ...kafkaVariables })
  .superRefine((config, context) => {
    for (const { variable, message } of kafkaConfigProblems(config, { production: config.NODE_ENV === 'production' }))
      context.addIssue({ code: 'custom', path: [variable], message });
  });

/** What of the configuration says how connections to Kafka are protected. */
export function kafkaSecurityOf(config: KafkaConfig): KafkaSecurity {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return {
    tls: config.KAFKA_SSL
      ? { ca: config.KAFKA_SSL_CA_FILE, cert: config.KAFKA_SSL_CERT_FILE, key: config.KAFKA_SSL_KEY_FILE }
      : undefined,
    sasl:
      mechanism === undefined || username === undefined || password === undefined
        ? undefined
        : { mechanism, username, password },
  };
}
