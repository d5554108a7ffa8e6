import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '@orion/platform/log';

/** Says once that spans cannot be delivered, and once that they can again: a lost receiver is no reason to fill the log. */
export function reportingExporter(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isLost = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const hasFailed = result.error !== undefined;
        if (hasFailed && !isLost) logger.warn({ err: result.error }, 'traces cannot be delivered; they are dropped');
        if (!hasFailed && isLost) logger.info('traces are delivered again');
        isLost = hasFailed;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
