export { createMetrics } from './metrics.js';
export type { Metrics, MetricsPage } from './metrics.js';
export { processMetrics } from './process-metrics.js';
