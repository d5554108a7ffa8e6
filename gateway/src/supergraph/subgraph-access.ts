import { randomUUID } from 'node:crypto';
import type { GraphQLDataSource, SupergraphManager } from '@apollo/gateway';
import { parse } from 'graphql';
import type { SubgraphClient } from '../execution/subgraph-client.js';
import type { SubgraphAddress, SubgraphAnswer } from '../execution/subgraph-call.js';
import { subgraphsOf } from '../planning/supergraph-document.js';
import { anonymousCaller } from '../security/caller.js';

type ManagerOptions = Parameters<SupergraphManager['initialize']>[0];

/** How supergraph managers reach subgraphs: as every request does, signed by the gateway and on nobody's behalf. */
export interface SubgraphAccess {
  readonly client: SubgraphClient;
  /** Addresses that replace those a manager knows, by subgraph name. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
}

/** What @apollo/gateway gives to its managers as well. */
export function managerOptions(access: SubgraphAccess, update: ManagerOptions['update']): ManagerOptions {
  return {
    update,
    healthCheck: async (supergraphSdl) => {
      await Promise.all(subgraphsOf(parse(supergraphSdl)).map((subgraph) => requireHealthy(subgraph, access)));
    },
    getDataSource: ({ name, url }) => dataSource({ name, url: url ?? '' }, access),
  };
}

/** Rejects with a GraphQLError of the client for a subgraph that does not answer. */
export function askSubgraph(
  { name, url }: SubgraphAddress,
  { access, body }: { readonly access: SubgraphAccess; readonly body: string },
): Promise<SubgraphAnswer> {
  return access.client.send({
    subgraph: { name, url: access.subgraphUrls[name] ?? url },
    body,
    kind: 'query',
    caller: anonymousCaller({ requestId: randomUUID(), clientIp: null, userAgent: null }),
    deadline: Infinity,
  });
}

function dataSource(subgraph: SubgraphAddress, access: SubgraphAccess): GraphQLDataSource {
  return {
    process: async ({ request: { query, variables, operationName } }) => {
      const body = JSON.stringify({ query, variables, operationName });
      const { data, errors } = await askSubgraph(subgraph, { access, body });
      return { data: data ?? null, ...(errors === undefined ? {} : { errors: errors.map(asFormatted) }) };
    },
  };
}

function asFormatted({ message, ...rest }: NonNullable<SubgraphAnswer['errors']>[number]) {
  return { ...rest, message: message ?? 'an error without a message' };
}

async function requireHealthy(subgraph: SubgraphAddress, access: SubgraphAccess): Promise<void> {
  const { errors } = await askSubgraph(subgraph, { access, body: '{"query":"{ __typename }"}' });
  if (errors !== undefined && errors.length > 0)
    throw new Error(`${subgraph.name} (${subgraph.url}) is not healthy: ${errors[0]?.message ?? 'no reason given'}`);
}
