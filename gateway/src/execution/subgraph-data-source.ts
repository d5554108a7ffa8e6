import type { GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLError } from 'graphql';
import type { Caller } from '../security/caller.js';
import type { SubgraphAddress, SubgraphClient, SubgraphErrorJson } from './subgraph-client.js';

type GatewayResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

/** What an operation carries through @apollo/server and @apollo/gateway. */
export interface OperationContext {
  readonly caller: Caller;
  /** SQL statements by subgraph, as far as they tell. */
  readonly sqlStatements: Map<string, number>;
}

/**
 * Lets @apollo/gateway ask a subgraph through the gateway's own client. RemoteGraphQLDataSource is not used: it
 * serialises after its hook has run, so a signature over the body would need a second serialisation, and its HTTP
 * client costs four times as much.
 */
export function createSubgraphDataSource(
  subgraph: SubgraphAddress,
  client: SubgraphClient,
): GraphQLDataSource<OperationContext> {
  return {
    process: async ({ request, context }) => {
      const { query, operationName, variables } = request;
      if (query === undefined) throw new Error('a plan without a query');
      const { sqlStatements, ...answer } = await client.send(
        subgraph,
        { query, variables, ...(operationName === undefined ? {} : { operationName }) },
        context.caller,
      );
      if (sqlStatements !== undefined) {
        const before = context.sqlStatements.get(subgraph.name) ?? 0;
        context.sqlStatements.set(subgraph.name, before + sqlStatements);
      }
      const errors = answer.errors?.map(withoutHttp);
      return { ...answer, ...(errors === undefined ? {} : { errors }) } as GatewayResponse;
    },
  };
}

/** @apollo/server takes `extensions.http` of any error for the status of the whole answer. */
function withoutHttp(error: SubgraphErrorJson): GraphQLError {
  const { http: _dropped, ...extensions } = error.extensions ?? {};
  return { ...error, extensions } as unknown as GraphQLError;
}
