import type { Logger } from '@orion/platform/log';
import type { Exchange } from '../http/exchange.js';
import type { AccessLogOptions } from '../settings.js';
import type { Metrics } from './metrics.js';

export interface ReportOptions {
  readonly metrics: Metrics;
  readonly accessLog: AccessLogOptions | undefined;
  readonly logger: Logger;
}

/** An exchange has its reply. Called once for each: of a stream when it is opened, for it may last for days. */
export type ReportExchange = (exchange: Exchange, status: number, startedAt: number) => void;

/** As long as the names that people give; a longer one is nonsense that would only fill the log. */
const NAME_LENGTH = 128;

/**
 * Counts the exchange, ends its span and logs it: at `info` with an access log, at `debug` without. What a client sent
 * beyond path, operation name and ids stays out of the log.
 */
export function createReport({ metrics, accessLog, logger }: ReportOptions): ReportExchange {
  const level = accessLog === undefined ? 'debug' : 'info';
  const isLogged = logger.isLevelEnabled(level);
  return (exchange, status, startedAt) => {
    const ms = performance.now() - startedAt;
    metrics.httpRequest({ method: exchange.method, status, seconds: ms / 1_000 });
    exchange.caller.span?.end({ status, error: status >= 500 ? String(status) : undefined });
    if (!isLogged) return;
    const { method, path, requestId, caller, ran } = exchange;
    const { correlationId, clientIp } = caller.origin;
    logger[level](
      {
        requestId,
        correlationId: correlationId ?? requestId,
        method,
        path,
        status,
        ms: Math.round(ms * 10) / 10,
        operationType: ran?.type,
        operationName: ran?.name?.slice(0, NAME_LENGTH),
        clientIp: accessLog?.hasClientIp === true ? clientIp : undefined,
      },
      'request',
    );
  };
}
