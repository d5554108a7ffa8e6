import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Prometheus } from '../observability/prometheus.js';

/** The primary asks a worker what it has counted. */
export interface MetricsQuestion {
  readonly type: 'metrics';
  readonly question: number;
}

/** What it says: the metrics of each of its registries. */
export interface MetricsAnswer {
  readonly answer: number;
  readonly registries: MetricObjectWithValues<MetricValue<string>>[][];
}

/** In a worker: answers the primary's questions from here on. */
export function shareMetrics({ registries }: Prometheus): void {
  process.on('message', (message: Partial<MetricsQuestion>) => {
    const { type, question } = message;
    if (type !== 'metrics' || question === undefined) return;
    void (async () => {
      const counted = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
      if (process.connected) process.send?.({ answer: question, registries: counted });
    })();
  });
}
