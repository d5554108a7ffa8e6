import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { MetricsPage } from '../observability/prometheus.js';
import type { WorkerSet } from './worker-set.js';

/** Metrics of all workers: sums of what they count, averages of lags, and how the workers themselves do. */
export function createWorkersPage(workers: Pick<WorkerSet, 'serving' | 'restarts'>): () => Promise<MetricsPage> {
  const all = new AggregatorRegistry();
  const own = new Registry();
  const registers = [own];
  const read = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  read('orion_workers', 'Worker processes that serve', workers.serving);
  read('orion_worker_restarts', 'Workers that ended and were started again', workers.restarts);
  return async () => ({
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    text: `${await all.clusterMetrics()}\n${await own.metrics()}`,
  });
}
