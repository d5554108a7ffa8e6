import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** Paths that never reach a log line, whatever object is logged. */
const SECRET_PATHS = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'headers.authorization',
  'headers["x-orion-context"]',
  'headers.cookie',
  '*.password',
  '*.token',
  '*.accessToken',
  '*.refreshToken',
  '*.authorization',
];

/** Structured JSON log on stdout, one object a line, with `service` in each. */
export function createLogger(service: string, { level = 'info' }: { readonly level?: string } = {}): Logger {
  return pino({
    name: service,
    level,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
