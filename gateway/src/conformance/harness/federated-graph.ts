import { Supergraph } from '@apollo/federation-internals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { GatewayOptions } from '../../settings.js';
import { composeSupergraph } from '../../supergraph/compose.js';
import { startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import type { GraphData } from './data.js';
import { startSubgraphHost } from './subgraph-host.js';
import type { SubgraphHost } from './subgraph-host.js';
import { createResolvers } from './subgraph-resolvers.js';

/** A graph, told as its parts. */
export interface GraphDescription {
  /** SDL by subgraph name; with data of its own where the subgraph does not know what the others know. */
  readonly subgraphs: Readonly<Record<string, string | { readonly sdl: string; readonly data: () => GraphData }>>;
  /** Called once for the subgraphs and once for the whole, so that mutations of one do not show in the other. */
  readonly data: () => GraphData;
  readonly gateway?: Partial<Omit<GatewayOptions, 'supergraph'>>;
}

/** The same graph twice: subgraphs over HTTP behind a gateway, and one plain schema over equal data. */
export interface FederatedGraph {
  readonly gateway: TestGateway;
  readonly host: SubgraphHost;
  readonly whole: GraphQLSchema;
  readonly wholeRoot: unknown;
  /** Documents that were held against {@link whole} not long ago, by text. */
  readonly checked: Map<string, CheckedDocument>;
  stop(): Promise<void>;
}

export type CheckedDocument = DocumentNode | { readonly errors: readonly GraphQLError[] };

/** Wide enough that the operations of these suites never meet a limit. */
const NO_LIMITS = {
  tokens: 1_000_000,
  depth: 1_000,
  aliases: 10_000,
  rootFields: 10_000,
  selections: 1_000_000,
  directives: 10_000,
  nodes: Number.MAX_SAFE_INTEGER,
};

export async function startFederatedGraph(description: GraphDescription): Promise<FederatedGraph> {
  const host = await startSubgraphHost();
  try {
    return await startOn(host, description);
  } catch (error) {
    await host.stop();
    throw error;
  }
}

async function startOn(host: SubgraphHost, description: GraphDescription): Promise<FederatedGraph> {
  const subgraphs = Object.entries(description.subgraphs).map(([name, source]) => ({
    name,
    ...(typeof source === 'string' ? { sdl: source, data: undefined } : source),
  }));
  const supergraph = await composeSupergraph(
    subgraphs.map(({ name, sdl }) => ({ name, sdl, url: host.urlOf(name), origin: name })),
  );
  const whole = Supergraph.build(supergraph, { supportedFeatures: null, validateSupergraph: false })
    .apiSchema()
    .toGraphQLJSSchema();
  const shared = description.data();
  for (const { name, sdl, data } of subgraphs) {
    const known = data?.() ?? shared;
    const document = parse(sdl);
    const resolvers = createResolvers({ document, data: known, whole });
    host.serve(name, {
      schema: buildSubgraphSchema([{ typeDefs: document, resolvers: resolvers as never }]),
      rootValue: known.roots,
    });
  }
  const gateway = await startTestGateway({
    supergraph: { sdl: supergraph },
    limits: NO_LIMITS,
    oncePerOperation: [],
    maxBodyBytes: 16 * 1024 * 1024,
    ...description.gateway,
  });
  return {
    gateway,
    host,
    whole,
    wholeRoot: description.data().roots,
    checked: new Map(),
    stop: async () => {
      await gateway.stop();
      await host.stop();
    },
  };
}

/** A graph that stands for all tests of a `describe`. */
export function useFederatedGraph(description: GraphDescription): () => FederatedGraph {
  let graph: FederatedGraph | undefined;
  beforeAll(async () => {
    graph = await startFederatedGraph(description);
  });
  beforeEach(() => {
    if (graph !== undefined) graph.host.requests.length = 0;
  });
  afterAll(() => graph?.stop());
  return () => {
    if (graph === undefined) throw new Error('the graph did not start');
    return graph;
  };
}
