import { pino } from 'pino';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';

export type { Logger } from 'pino';

/** Paths that never reach a log line, whatever object is logged. */
const SECRET_NAMES = [
  'password',
  'newPassword',
  'currentPassword',
  'secret',
  'apiKey',
  'backupCodes',
  'challengeToken',
  'verificationToken',
  'token',
  'accessToken',
  'refreshToken',
  'deviceToken',
  'authorization',
];
const DEEPEST = 4;
const SECRET_PATHS = [
  ...SECRET_NAMES.flatMap((name) => Array.from({ length: DEEPEST }, (_, depth) => `${'*.'.repeat(depth)}${name}`)),
  'headers["x-orion-context"]',
  'headers.cookie',
];

/**
 * An error without what a database driver hangs on it: the parameters of a failed statement are people's data, and
 * the statement may hold them too.
 */
function describeError(error: Error): Record<string, unknown> {
  const { parameters: _data, query: _statement, driverError: _again, ...rest } = pino.stdSerializers.err(error);
  return rest;
}

/** Structured JSON log, one object a line, with `service` in each; on stdout unless a destination is given. */
export function createLogger(
  service: string,
  { level = 'info', destination }: { readonly level?: string; readonly destination?: DestinationStream } = {},
): Logger {
  const options: LoggerOptions = {
    name: service,
    level,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    serializers: { err: describeError },
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
