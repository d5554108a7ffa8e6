import { ApolloGateway } from '@apollo/gateway';
import type { SupergraphManager } from '@apollo/gateway';
import type { Logger } from '@orion/platform/log';
import { quietLogger } from './apollo-logger.js';
import type { SubgraphClient } from './subgraph-client.js';
import { createSubgraphDataSource } from './subgraph-data-source.js';

/** @apollo/gateway over the gateway's own way to subgraphs, calling nobody but them. */
export function createApolloGateway({
  supergraphManager,
  client,
  urlOf,
  production,
  logger,
}: {
  readonly supergraphManager: SupergraphManager;
  readonly client: SubgraphClient;
  /** The address that is really used for a subgraph. */
  readonly urlOf: (name: string, routingUrl: string) => string;
  readonly production: boolean;
  readonly logger: Logger;
}): ApolloGateway {
  // Read once, by the constructor: it would start a metrics exporter to Apollo.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  return new ApolloGateway({
    supergraphSdl: supergraphManager,
    buildService: ({ name, url }) => createSubgraphDataSource({ name, url: urlOf(name, url ?? '') }, client),
    __exposeQueryPlanExperimental: !production,
    queryPlannerConfig: { reuseQueryFragments: false },
    logger: quietLogger(logger),
  });
}
