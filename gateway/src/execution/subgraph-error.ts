import { GraphQLError } from 'graphql';
import type { SubgraphErrorJson } from './subgraph-call.js';

type Path = readonly (string | number)[];

/** An error that a subgraph reported, with the subgraph's name and the path in the data. */
export function subgraphError(
  reported: SubgraphErrorJson,
  { subgraph, path }: { readonly subgraph: string; readonly path: Path | undefined },
): GraphQLError {
  const extensions = reported.extensions ?? {};
  const message =
    typeof reported.message === 'string'
      ? reported.message
      : `The subgraph "${subgraph}" reported an error without a message.`;
  return new GraphQLError(message, {
    path,
    extensions: { ...extensions, code: extensions['code'] ?? 'DOWNSTREAM_SERVICE_ERROR', serviceName: subgraph },
  });
}

/** A subgraph could not be asked; `path` is where its part of the answer begins. */
export function failedFetch(thrown: unknown, path: Path | undefined): GraphQLError {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new GraphQLError(cause.message, {
    path,
    ...(cause instanceof GraphQLError ? { extensions: cause.extensions } : {}),
    originalError: cause instanceof GraphQLError ? (cause.originalError ?? cause) : cause,
  });
}
