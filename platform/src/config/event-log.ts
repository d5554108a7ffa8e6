import type { KafkaSecurity } from './kafka-security.js';
import { kafkaSecurityOf } from './kafka-variables.js';
import type { KafkaConfig } from './kafka-variables.js';

/** Where events travel: in PostgreSQL or through Kafka, as `createTransport` takes it. */
export interface EventLogSettings {
  readonly busDatabaseUrl: string | undefined;
  readonly kafkaBrokers: readonly string[] | undefined;
  readonly kafkaSecurity: KafkaSecurity;
}

/** The event log that a configuration names. */
export function eventLogOf(config: KafkaConfig & { readonly BUS_DATABASE_URL?: string | undefined }): EventLogSettings {
  return {
    busDatabaseUrl: config.BUS_DATABASE_URL,
    kafkaBrokers: config.KAFKA_BROKERS,
    kafkaSecurity: kafkaSecurityOf(config),
  };
}
