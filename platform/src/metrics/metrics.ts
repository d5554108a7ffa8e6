import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '../log/index.js';
import { processMetrics } from './process-metrics.js';
import { createScrape } from './scrape.js';

/** A page of the Prometheus text exposition format. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** What Prometheus knows about a metric. */
interface Description<Label extends string> {
  /** `orion_<what>`, with its unit at the end (`_seconds`, `_bytes`) and `_total` for counters. */
  readonly name: string;
  readonly help: string;
  /** Only what this program chooses: a label with values of clients makes as many time series as they like. */
  readonly labels?: readonly Label[];
}

/**
 * The metrics of one service. Each has a registry of its own, so that several services fit into one process; there is
 * no global one. Asking for a name again answers the metric that there is.
 */
export interface Metrics {
  counter<Label extends string = never>(description: Description<Label>): Counter<Label>;
  gauge<Label extends string = never>(description: Description<Label>): Gauge<Label>;
  /** `buckets` in the unit of the metric, rising. */
  histogram<Label extends string = never>(
    description: Description<Label> & { readonly buckets: readonly number[] },
  ): Histogram<Label>;
  /**
   * `read` sets gauges whose values cost a query. It runs when the page is asked for, not more often than every 5 s,
   * and one at a time. When it rejects or takes too long, the page comes without its news, `orion_metrics_read_failed`
   * says so under `source`, and the log has the error once. Returns how to undo it.
   */
  onScrape(source: string, read: () => Promise<void>): () => void;
  /** What Prometheus scrapes: this service, then the process. Does not reject because a source does not answer. */
  page(): Promise<MetricsPage>;
}

/** Metrics of a service; every series carries the label `service`. */
export function createMetrics(service: string, logger: Logger): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const registers = [registry];

  function metric<Type>(name: string, create: () => Type): Type {
    return (registry.getSingleMetric(name) as Type | undefined) ?? create();
  }
  function gauge<Label extends string = never>({ name, help, labels = [] }: Description<Label>): Gauge<Label> {
    return metric(name, () => new Gauge<Label>({ name, help, labelNames: [...labels], registers }));
  }

  const failed = gauge({
    name: 'orion_metrics_read_failed',
    help: '1 when the values of a source could not be read at the last scrape: they are old or missing',
    labels: ['source'],
  });
  const scrape = createScrape(logger, (source, hasFailed) => failed.set({ source }, hasFailed ? 1 : 0));

  return {
    counter: ({ name, help, labels = [] }) =>
      metric(name, () => new Counter({ name, help, labelNames: [...labels], registers })),
    gauge,
    histogram: ({ name, help, labels = [], buckets }) =>
      metric(name, () => new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers })),
    onScrape: scrape.add,
    async page() {
      await scrape.run();
      const texts = await Promise.all([registry, processMetrics()].map((each) => each.metrics()));
      return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text: texts.join('\n') };
    },
  };
}
