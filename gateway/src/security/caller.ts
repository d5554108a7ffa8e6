import type { RequestOrigin } from '@orion/platform/identity';

/** Who is behind an operation, and until when. */
export interface Caller {
  /** What the subgraphs are told. */
  readonly origin: RequestOrigin;
  /** W3C Trace Context header of the client, passed on; undefined when it sent none. */
  readonly traceparent: string | undefined;
  /** Milliseconds since the epoch at which the access token ends; null for an anonymous caller. */
  readonly expiresAt: number | null;
}

/** One string for one identity: two callers share a stream only when it is equal. */
export function identityOf(caller: Caller): string {
  return caller.origin.viewer === null ? 'anonymous' : JSON.stringify(caller.origin.viewer);
}
