import { Kafka, logLevel } from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { KafkaAddress, KafkaSecurity } from '../../../config/index.js';
import { kafkajsConnection } from './kafkajs-connection.js';

const TIMEOUT_MS = 5_000;

/** Runs `work` once with a client of its own that gives up at the first failure; rejects with what kafkajs throws. */
export async function visitKafka<T>(
  addresses: readonly KafkaAddress[],
  security: KafkaSecurity,
  work: (admin: Admin) => T | Promise<T>,
): Promise<T> {
  const admin = new Kafka({
    ...kafkajsConnection(addresses, security),
    clientId: 'orion-check',
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** The error of this name that is behind one of kafkajs, which wraps its own. */
export function causeNamed(error: unknown, name: string): Error | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current.name === name) return current;
  }
  return undefined;
}
