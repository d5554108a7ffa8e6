import type { Circumstances } from '@orion/platform/access';
import type { RequestOrigin, Viewer } from '@orion/platform/identity';

/** What conditions of policies look at, of a request. */
export function circumstancesOf(
  viewer: Viewer,
  { clientIp, userAgent }: Pick<RequestOrigin, 'clientIp' | 'userAgent'>,
): Circumstances {
  const { methods, authenticatedAt } = viewer;
  return { now: new Date(), ip: clientIp, userAgent, methods, authenticatedAt };
}
