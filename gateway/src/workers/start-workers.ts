import { ConfigError } from '@orion/platform/config';
import type { RunningService } from '@orion/platform/lifecycle';
import { createLogger } from '@orion/platform/log';
import type { GatewayConfig } from '../config.js';
import { openMetricsServer } from '../observability/metrics-server.js';
import { createWorkersPage } from './workers-page.js';
import { createWorkerSet, WorkerEndedError } from './worker-set.js';

/** Longer than a gateway takes to drain: what is still there afterwards hangs. */
const STOP_WITHIN_MS = 15_000;
const EXIT_CONFIG = 78;

/** Starts the gateway as several processes that share its port. Each composes, plans and caches for itself. */
export async function startWorkers(config: GatewayConfig): Promise<RunningService> {
  const logger = createLogger('gateway', { level: config.LOG_LEVEL });
  const workers = createWorkerSet({ count: config.WORKERS, stopWithinMs: STOP_WITHIN_MS, logger });
  const metrics =
    config.METRICS_PORT === undefined || config.METRICS === 'false'
      ? undefined
      : await openMetricsServer({
          host: config.METRICS_HOST,
          port: config.METRICS_PORT,
          page: createWorkersPage(workers),
          logger,
        });
  const stop = async (): Promise<void> => {
    await workers.stop();
    await metrics?.close();
  };
  try {
    return { port: await workers.start(), stop };
  } catch (error) {
    await stop();
    if (error instanceof WorkerEndedError && error.exitCode === EXIT_CONFIG) throw new ConfigError([error.message]);
    throw error;
  }
}
