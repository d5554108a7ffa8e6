import cluster from 'node:cluster';
import { runService } from '@orion/platform/lifecycle';
import { readGatewayConfig } from './config.js';
import { startFromConfig } from './start.js';
import { startWorkers } from './workers/start-workers.js';

await runService(() => {
  const config = readGatewayConfig();
  return config.WORKERS > 1 && cluster.isPrimary ? startWorkers(config) : startFromConfig(config);
});
