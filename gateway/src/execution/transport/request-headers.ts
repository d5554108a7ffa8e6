import { CONTEXT_HEADER, signContext } from '@orion/platform/identity';
import type { SubgraphCall } from '../subgraph-call.js';

/** Names and values in turn. */
export type HeaderList = string[];

/** What every request to a subgraph carries beside its body. */
export function plainHeaders({ caller }: SubgraphCall, traceparent: string | undefined): HeaderList {
  const headers = [
    'content-type',
    'application/json',
    'accept',
    'application/graphql-response+json, application/json',
    'x-request-id',
    caller.origin.requestId,
  ];
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  for (const name in caller.forwarded) headers.push(name, caller.forwarded[name] ?? '');
  return headers;
}

/** Adds the statement of who is calling, signed over the very string that is sent: the subgraph hashes what it receives. */
export async function signHeaders(
  headers: HeaderList,
  { caller, subgraph, body }: SubgraphCall,
  secret: string,
): Promise<void> {
  headers.push(CONTEXT_HEADER, await signContext(caller.origin, { secret, audience: subgraph.name, body }));
}
