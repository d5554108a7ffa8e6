import type { IncomingMessage } from 'node:http';

/**
 * The `authorization` header; undefined when there is none. Of several, Node shows the first, and whatever is in front
 * may have looked at another one: they are no authorization that anybody could agree on.
 */
export function authorizationIn({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count += 1;
  }
  return count > 1 ? 'more than one' : authorization;
}
