import type { Viewer } from '@orion/platform/identity';
import { viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import type { LoginOrigin } from '../sign-in/login-origin.js';

/** Somebody who is signed in and does something about their own account. */
export interface Caller extends LoginOrigin {
  readonly viewer: Viewer;
}

export function callerOf(context: SubgraphContext): Caller {
  return { viewer: viewerOf(context), ip: context.clientIp, userAgent: context.userAgent };
}

/** What a security event says of who caused it. */
export function traceOf({ viewer, ip, userAgent }: Caller) {
  return { userId: viewer.userId, sessionId: viewer.sessionId, ip, userAgent };
}
