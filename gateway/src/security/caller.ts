import type { RequestOrigin } from '@orion/platform/identity';
import type { Span } from '../observability/tracing.js';
import type { VerifiedToken } from './access-token.js';

/** Who is behind an operation, and until when. */
export interface Caller {
  /** What the subgraphs are told. */
  readonly origin: RequestOrigin;
  /** W3C Trace Context header for the subgraphs: that of `span`, else the client's, else undefined. */
  readonly traceparent: string | undefined;
  /** Milliseconds since the epoch at which the access token ends; null for an anonymous caller. */
  readonly expiresAt: number | null;
  /** What the access token was granted (RFC 8693, section 4.2), for `@requiresScopes`. */
  readonly scopes: readonly string[];
  /** Names of the policies that the caller meets, for `@policy`. */
  readonly policies: readonly string[];
  /** What is done for the caller, under trace; undefined when it is not traced. */
  readonly span: Span | undefined;
  /** The client's headers that are forwarded to subgraphs, by lower-case name in the order of the setting; undefined when there are none. */
  readonly forwarded?: Readonly<Record<string, string>> | undefined;
}

const NOTHING: readonly string[] = [];

/** A caller of whom nothing is verified. */
export function anonymousCaller(origin: Omit<RequestOrigin, 'viewer'>, traceparent?: string, span?: Span): Caller {
  return {
    origin: {
      viewer: null,
      requestId: origin.requestId,
      clientIp: origin.clientIp,
      userAgent: origin.userAgent,
      ...(origin.correlationId === undefined ? undefined : { correlationId: origin.correlationId }),
    },
    traceparent: span?.traceparent ?? traceparent,
    expiresAt: null,
    scopes: NOTHING,
    policies: NOTHING,
    span,
  };
}

/** The same caller after its token was found good. */
export function signedIn(caller: Caller, { viewer, expiresAt, scopes, policies }: VerifiedToken): Caller {
  return { ...caller, origin: { ...caller.origin, viewer }, expiresAt, scopes, policies };
}

/** One string for one identity: two callers share a stream or an answer only when it is equal. */
export function identityOf({ origin, scopes, policies, forwarded }: Caller): string {
  return origin.viewer === null && forwarded === undefined
    ? 'anonymous'
    : JSON.stringify([origin.viewer, scopes, policies, forwarded]);
}
