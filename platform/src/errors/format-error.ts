import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from '../log/index.js';

const EXPECTED = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'STEP_UP_REQUIRED',
  'RATE_LIMITED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * Lets expected errors through as they are. An unexpected one is logged in full; the caller sees its cause in
 * development and only the request id in production.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  {
    error,
    requestId,
    logger,
    production,
  }: {
    readonly error: unknown;
    readonly requestId: string;
    readonly logger: Logger;
    readonly production: boolean;
  },
): GraphQLFormattedError {
  const { stacktrace: _dropped, ...extensions } = formatted.extensions ?? {};
  if (EXPECTED.has(String(extensions['code']))) {
    return { ...formatted, extensions: { ...extensions, requestId } };
  }
  const cause = unwrapResolverError(error);
  if (isComplaintAboutArgument(cause)) {
    return { ...formatted, extensions: { ...extensions, code: 'BAD_USER_INPUT', requestId } };
  }
  logger.error({ err: cause, requestId, path: formatted.path }, 'unexpected error');
  return {
    ...formatted,
    message: production ? 'Internal server error' : formatted.message,
    extensions: { ...(production ? {} : extensions), code: 'INTERNAL_SERVER_ERROR', requestId },
  };
}

/**
 * graphql-js itself refusing an argument, for instance null for one that may only be left out: it points at the
 * document and nothing was thrown behind it. Its complaints about our own values point nowhere.
 */
function isComplaintAboutArgument(error: unknown): boolean {
  return (
    error instanceof GraphQLError &&
    error.nodes !== undefined &&
    error.originalError === undefined &&
    error.extensions['code'] === undefined
  );
}
