import type { Logger } from '@orion/platform/log';

/** What Apollo's packages log through. */
export interface ApolloLogger {
  debug(message?: unknown): void;
  info(message?: unknown): void;
  warn(message?: unknown): void;
  error(message?: unknown): void;
}

/** Their progress reports are of interest to nobody but the one who debugs them. */
export function quietLogger(logger: Logger): ApolloLogger {
  return {
    debug: (message) => logger.trace(String(message)),
    info: (message) => logger.debug(String(message)),
    warn: (message) => logger.warn(String(message)),
    error: (message) => logger.error(String(message)),
  };
}
