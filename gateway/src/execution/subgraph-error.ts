import { GraphQLError } from 'graphql';
import type { SubgraphErrorJson } from './subgraph-client.js';

/** An error that a subgraph reported, with the subgraph's name and the path the client knows. */
export function subgraphError(
  reported: SubgraphErrorJson,
  { subgraph, path }: { readonly subgraph: string; readonly path: readonly (string | number)[] | undefined },
): GraphQLError {
  const extensions = reported.extensions ?? {};
  return new GraphQLError(reported.message ?? `The subgraph "${subgraph}" reported an error without a message.`, {
    path,
    extensions: { ...extensions, code: extensions['code'] ?? 'DOWNSTREAM_SERVICE_ERROR', serviceName: subgraph },
  });
}
