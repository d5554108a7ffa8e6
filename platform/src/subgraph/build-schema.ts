import 'reflect-metadata';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { buildSchema, createResolversMap } from 'type-graphql';
import type { NonEmptyArray, PubSub } from 'type-graphql';
import type { Assembly, SubgraphDefinition } from './define-subgraph.js';
import { enforceAuth } from './enforce-auth.js';
import { guardEntities } from './guard-entities.js';

const FEDERATION_LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@external", "@shareable", "@inaccessible", "@tag", "@composeDirective"])
  @link(url: "https://orion.dev/auth/v1.0", import: ["@auth"])
  @composeDirective(name: "@auth")

"""
What the caller must hold: "public", "authenticated", "interactive" (a session of one's own: no API key, no
impersonation), "impersonated" (an impersonation, which this ends) or a permission "resource:action:scope". Under
impersonation no other mutation is possible. An API key needs each permission among its own, and reads what is
"authenticated".
"""
directive @auth(
  "Permission that is needed."
  permission: String!
  "Whether the caller must have signed in or reauthenticated within the last ten minutes; if not, the code is STEP_UP_REQUIRED."
  stepUp: Boolean! = false
) on FIELD_DEFINITION
`;

/** The subgraph's schema language as composition reads it: sorted, with federation links and `@auth`. */
export async function printSubgraphSdl(definition: SubgraphDefinition<never>): Promise<string> {
  return sdlOf(await buildPlainSchema(definition, undefined));
}

/** The executable federated schema, with every `@auth` enforced and nothing but references in `_entities`. */
export async function buildFederatedSchema(
  definition: SubgraphDefinition<never>,
  assembly: Assembly,
): Promise<GraphQLSchema> {
  const plain = await buildPlainSchema(definition, assembly);
  const resolvers = createResolversMap(plain) as unknown as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(assembly.references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: resolve };
  }
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdlOf(plain)), resolvers: resolvers as never }]);
  return guardEntities(enforceAuth(schema, definition.owners));
}

function sdlOf(plain: GraphQLSchema): string {
  return `${FEDERATION_LINKS}\n${printSchemaWithDirectives(lexicographicSortSchema(plain))}\n`;
}

function buildPlainSchema(
  definition: SubgraphDefinition<never>,
  assembly: Assembly | undefined,
): Promise<GraphQLSchema> {
  const instances = new Map(assembly?.resolvers.map((instance) => [instance.constructor, instance]));
  return buildSchema({
    resolvers: definition.resolvers as unknown as NonEmptyArray<Function>,
    orphanedTypes: [...definition.stubs],
    // The plain schema lacks federation's directives; buildSubgraphSchema checks the whole.
    skipCheck: true,
    validate: false,
    pubSub: NO_TOPICS,
    container: { get: (resolver) => instanceOf(resolver, instances) },
  });
}

/** type-graphql asks for one as soon as there is a subscription; ours name their own source with `subscribe`. */
const NO_TOPICS: PubSub = {
  publish: (topic) => refuseTopic(topic),
  subscribe: (topic) => refuseTopic(topic),
};

function refuseTopic(topic: string): never {
  throw new Error(`topic ${topic}: give the subscription a \`subscribe\` function, events come through the backbone`);
}

function instanceOf(resolver: Function, instances: ReadonlyMap<Function, object>): object {
  const instance = instances.get(resolver);
  if (instance === undefined) throw new Error(`assemble() returned no instance of ${resolver.name}`);
  return instance;
}
