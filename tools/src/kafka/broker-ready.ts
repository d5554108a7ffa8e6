import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { GuardedProcess } from './guarded-process.js';

const POLL_MS = 100;

/**
 * Resolves true once a client can describe the cluster, false when the broker's process ended first. The cluster's id
 * is compared, because another broker may already listen on the port. Throws after `timeoutMs`.
 */
export async function brokerReady(
  brokers: string,
  {
    broker,
    clusterId,
    timeoutMs,
  }: { readonly broker: GuardedProcess; readonly clusterId: string; readonly timeoutMs: number },
): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [brokers],
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (broker.isRunning()) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const cluster = await admin.describeCluster();
      if (cluster.brokers.length === 1 && cluster.clusterId === clusterId) return true;
    } catch (error) {
      last = error;
    } finally {
      await admin.disconnect();
    }
    if (Date.now() > deadline)
      throw new Error(`the Kafka broker at ${brokers} did not answer within ${timeoutMs} ms`, { cause: last });
    await delay(POLL_MS);
  }
  return false;
}
