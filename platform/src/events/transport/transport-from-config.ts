import type { KafkaSecurity } from '../../config/index.js';
import type { Logger } from '../../log/index.js';
import { createKafkaTransport } from './kafka/kafka-transport.js';
import { createPostgresTransport } from './postgres/postgres-transport.js';
import type { EventTransport } from './transport.js';

/** Where events go: exactly one of `busDatabaseUrl` and `kafkaBrokers`. */
export interface TransportConfig {
  readonly busDatabaseUrl?: string | undefined;
  /** `host:port`, as a list or separated by commas. */
  readonly kafkaBrokers?: string | readonly string[] | undefined;
  readonly kafkaSecurity?: KafkaSecurity | undefined;
  readonly clientId: string;
  readonly logger: Logger;
  /** See KafkaTransportOptions; by default the process is asked to stop, with exit code 1. */
  readonly onFatal?: ((error: Error) => void) | undefined;
}

/** The transport that the configuration names; it connects at first use. Throws when none or both are named. */
export function createTransport(config: TransportConfig): EventTransport {
  const { busDatabaseUrl, kafkaBrokers, kafkaSecurity, clientId, logger } = config;
  if (busDatabaseUrl !== undefined && kafkaBrokers !== undefined)
    throw new Error('events need one transport: BUS_DATABASE_URL or KAFKA_BROKERS, not both');
  if (busDatabaseUrl !== undefined) return createPostgresTransport({ url: busDatabaseUrl, clientId, logger });
  if (kafkaBrokers === undefined) throw new Error('events need a transport: set BUS_DATABASE_URL or KAFKA_BROKERS');
  return createKafkaTransport({
    brokers: typeof kafkaBrokers === 'string' ? kafkaBrokers.split(',') : kafkaBrokers,
    security: kafkaSecurity,
    clientId,
    logger,
    onFatal: once(config.onFatal ?? ((error) => stopProcess(logger, error))),
  });
}

/** Everything that is under way finds out about an unsuitable broker, and one word about it will do. */
function once(tell: (error: Error) => void): (error: Error) => void {
  let told = false;
  return (error) => {
    if (!told) tell(error);
    told = true;
  };
}

function stopProcess(logger: Logger, error: Error): void {
  logger.fatal({ err: error }, 'events cannot travel, this process stops');
  process.exitCode = 1;
  // The way every service is stopped: in order.
  process.kill(process.pid, 'SIGTERM');
}
