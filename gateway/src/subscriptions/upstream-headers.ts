import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import type { Caller } from '../security/caller.js';

/** What a subgraph is told about who subscribes, for `body` as it is sent: headers of HTTP, or `connectionParams`. */
export async function upstreamHeaders(
  caller: Caller,
  { secret, subgraph, body }: { readonly secret: string | undefined; readonly subgraph: string; readonly body: string },
): Promise<Record<string, string>> {
  if (secret === undefined) return { ...caller.forwarded };
  const statement = await signContext(caller.origin, { secret, audience: subgraph, body });
  return { ...caller.forwarded, [CONTEXT_HEADER]: statement };
}
