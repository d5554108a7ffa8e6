import type { AccessGrants } from '@orion/platform/access';
import type { RequestOrigin, Viewer } from '@orion/platform/identity';
import type { Span } from '../observability/tracing.js';

/** Who somebody proved to be, by an access token or an API key. */
export interface Identity {
  readonly viewer: Viewer;
  /** Milliseconds since the epoch; null for what does not end. */
  readonly expiresAt: number | null;
  readonly scopes: readonly string[];
  readonly policies: readonly string[];
  /** What decides about the viewer's permissions; null when they are what they are. */
  readonly grants: AccessGrants | null;
}

/** Who is behind an operation, and until when. */
export interface Caller {
  /** What the subgraphs are told. */
  readonly origin: RequestOrigin;
  /** W3C Trace Context header for the subgraphs: that of `span`, else the client's, else undefined. */
  readonly traceparent: string | undefined;
  /** Milliseconds since the epoch at which the token or key ends; null for an anonymous caller. */
  readonly expiresAt: number | null;
  /** What the access token was granted (RFC 8693, section 4.2), for `@requiresScopes`. */
  readonly scopes: readonly string[];
  /** Names of the policies that the caller meets, for `@policy`. */
  readonly policies: readonly string[];
  /** What decides about the viewer's permissions; null when they are what they are. Never sent to a subgraph. */
  readonly grants: AccessGrants | null;
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
    grants: null,
    span,
  };
}

/** The same caller after its token or key was found good. */
export function signedIn(caller: Caller, { viewer, expiresAt, scopes, policies, grants }: Identity): Caller {
  return { ...caller, origin: { ...caller.origin, viewer }, expiresAt, scopes, policies, grants };
}

/**
 * One string for one identity: two callers share a stream or an answer only when it is equal. The viewer has in it all
 * that a subgraph decides by, the permissions of this moment included; the grants behind them do not matter.
 */
export function identityOf({ origin, scopes, policies, forwarded }: Caller): string {
  return origin.viewer === null && forwarded === undefined
    ? 'anonymous'
    : JSON.stringify([origin.viewer, scopes, policies, forwarded]);
}
