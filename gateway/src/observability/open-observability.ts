import cluster from 'node:cluster';
import type { Logger } from '@orion/platform/log';
import type { GatewayConfig } from '../config.js';
import type { Metrics } from './metrics.js';
import { shareMetrics } from '../workers/share-metrics.js';
import { openMetricsServer } from './metrics-server.js';
import type { MetricsPage } from './prometheus.js';
import type { Tracer } from './tracing.js';

/** What watches a gateway, as its process configures it. */
export interface Observability {
  /** Undefined when nothing is counted. */
  readonly metrics: Metrics | undefined;
  /** For the gateway's own port; undefined when metrics are not to be seen there. */
  readonly metricsPage: (() => Promise<MetricsPage>) | undefined;
  /** Undefined when nothing is traced. */
  readonly tracer: Tracer | undefined;
  close(): Promise<void>;
}

type MetricsConfig = Pick<GatewayConfig, 'NODE_ENV' | 'METRICS' | 'METRICS_PORT' | 'METRICS_HOST' | 'WORKERS'>;
type TraceConfig = Pick<
  GatewayConfig,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_HEADERS'
  | 'OTEL_TRACES_EXPORTER'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_TRACES_SAMPLER_ARG'
>;

/** Opens the port of the metrics, when they have one here. What is switched off is not even loaded. */
export async function openObservability(config: MetricsConfig & TraceConfig, logger: Logger): Promise<Observability> {
  const [{ close, ...counting }, tracer] = await Promise.all([openMetrics(config, logger), openTracer(config, logger)]);
  return {
    ...counting,
    tracer,
    close: async () => {
      await Promise.all([tracer?.close(), close()]);
    },
  };
}

async function openMetrics(config: MetricsConfig, logger: Logger): Promise<Omit<Observability, 'tracer'>> {
  if (!isCounting(config)) return { metrics: undefined, metricsPage: undefined, close: async () => undefined };
  const { createPrometheus, metricsPage } = await import('./prometheus.js');
  const prometheus = createPrometheus();
  const { metrics } = prometheus;
  if (cluster.isWorker) {
    shareMetrics(prometheus);
    return { metrics, metricsPage: undefined, close: async () => undefined };
  }
  const page = (): Promise<MetricsPage> => metricsPage(prometheus);
  const { METRICS_PORT: port, METRICS_HOST: host } = config;
  if (port === undefined) return { metrics, metricsPage: page, close: async () => undefined };
  const { close } = await openMetricsServer({ host, port, page, logger });
  return { metrics, metricsPage: config.METRICS === 'public' ? page : undefined, close };
}

/** Unless told otherwise: wherever there is a port to read the metrics from, which in development is the main one. */
function isCounting({ NODE_ENV, METRICS, METRICS_PORT, WORKERS }: MetricsConfig): boolean {
  if (METRICS !== undefined) return METRICS !== 'false';
  return METRICS_PORT !== undefined || (NODE_ENV !== 'production' && WORKERS === 1);
}

async function openTracer(config: TraceConfig, logger: Logger): Promise<Tracer | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: exporter } = config;
  const isConsole = exporter === 'console';
  if (exporter === 'none' || (endpoint === undefined && !isConsole)) return undefined;
  const { createOtelTracer } = await import('./otel-tracer.js');
  return createOtelTracer({
    endpoint: isConsole ? undefined : endpoint,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: config.OTEL_SERVICE_NAME,
    ratio: config.OTEL_TRACES_SAMPLER_ARG,
    logger,
  });
}
