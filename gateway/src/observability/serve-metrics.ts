import type { Stage } from '../stage.js';
import { METRICS_PATH } from './metrics-server.js';

/** `GET /metrics` on the gateway's own port: in development, or where the operator made it public. */
export const serveMetrics: Stage = async ({ path, method }, { metricsPage }) => {
  if (path !== METRICS_PATH || method !== 'GET' || metricsPage === undefined) return undefined;
  const { contentType, text } = await metricsPage();
  return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body: text };
};
