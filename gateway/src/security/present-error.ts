import type { Logger } from '@orion/platform/log';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';

/** How errors leave the gateway. */
export interface ErrorPolicy {
  /** Clients see code, path and request id of what went wrong inside, and nothing of the cause. */
  readonly production: boolean;
  readonly logger: Logger;
}

/** No deliberate answer to the client stands behind these. */
const UNEXPECTED = new Set(['INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR']);
/** A subgraph could not be asked. It is logged where it is asked. */
const SUBREQUEST = /^SUBREQUEST_/;
/** What frameworks put beside an error, never meant for clients; `http` would set the status of the whole answer. */
const PRIVATE_EXTENSIONS = ['stacktrace', 'exception', 'response', 'http'];

/**
 * An error as the client gets it, always with the request id. Deliberate errors (those with a code of their own) pass;
 * the rest is logged in full and, in production, masked.
 */
export function presentError(
  thrown: Error,
  { requestId, production, logger }: ErrorPolicy & { readonly requestId: string },
): GraphQLFormattedError {
  const error = thrown instanceof GraphQLError ? thrown : new GraphQLError(thrown.message, { originalError: thrown });
  const { message, locations, path, extensions: original } = error.toJSON();
  const extensions = withoutPrivate(original ?? {});
  const code = typeof extensions['code'] === 'string' ? extensions['code'] : codeOf(error);
  const isUnexpected = UNEXPECTED.has(code);
  if (isUnexpected)
    logger.error(
      { err: error.originalError ?? error, requestId, path, subgraph: extensions['serviceName'] },
      'unexpected error',
    );
  const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
  if (!production) return { message, ...place, extensions: { ...extensions, code, requestId } };
  if (isUnexpected)
    return { message: 'Internal server error', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } };
  if (SUBREQUEST.test(code)) {
    return { message: 'This part of the answer is unavailable right now.', ...place, extensions: { code, requestId } };
  }
  const { serviceName: _hidden, ...visible } = extensions;
  return { message, ...place, extensions: { ...visible, code, requestId } };
}

/**
 * graphql-js gives its own complaints about a request no code: they have a place in the document, and neither a cause
 * nor a path, which all that goes wrong while executing has. Apollo's about the protocol have only a status.
 */
function codeOf({ originalError, path, nodes, extensions }: GraphQLError): string {
  if (originalError !== undefined || path !== undefined) return 'INTERNAL_SERVER_ERROR';
  const { http } = extensions as { readonly http?: { readonly status?: unknown } };
  if (http?.status === 400) return 'BAD_REQUEST';
  return nodes === undefined ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT';
}

function withoutPrivate(extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extensions).filter(([key]) => !PRIVATE_EXTENSIONS.includes(key)));
}
