/** The two subgraphs of the leak test: items with a live feed, and the people behind them. */
export const SUBGRAPHS = ['people', 'feed'] as const;

export type SubgraphName = (typeof SUBGRAPHS)[number];

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

/** Events come so often on each subscription. */
export const TICK_MS = 100;

/** The schema of a subgraph; each edition of `feed` is another schema, so that each is a reload. */
export function sdlOf(name: SubgraphName, edition = 0): string {
  return name === 'people'
    ? `${LINK}
       type Person @key(fields: "id") { id: ID! name: String! friends: [Person!]! }
       type Query { person(id: ID!): Person }
       type Mutation { rename(id: ID!, name: String!): Person! }`
    : `${LINK}
       type Person @key(fields: "id", resolvable: false) { id: ID! }
       type Item { id: ID! title: String! by: Person! }
       type Query { items(first: Int!): [Item!]! ${edition % 2 === 0 ? '' : 'edition: Int'} }
       type Subscription { item(topic: String!): Item! }`;
}

const person = (id: string) => ({ id, name: `Person ${id}` });
const item = (id: number) => ({ id: String(id), title: `Item ${id}`, by: { id: String(id % 20) } });

export const RESOLVERS: Readonly<Record<SubgraphName, Readonly<Record<string, unknown>>>> = {
  people: {
    Person: {
      __resolveReference: ({ id }: { readonly id: string }) => person(id),
      friends: ({ id }: { readonly id: string }) => [1, 2, 3].map((n) => person(`${id}${n}`)),
    },
    Query: { person: (_: unknown, { id }: { readonly id: string }) => person(id) },
    Mutation: { rename: (_: unknown, renamed: { readonly id: string; readonly name: string }) => renamed },
  },
  feed: {
    Query: {
      items: (_: unknown, { first }: { readonly first: number }) =>
        Array.from({ length: first }, (_item, n) => item(n)),
      edition: () => 1,
    },
    Subscription: {
      item: {
        subscribe: async function* ticks(): AsyncGenerator<{ readonly item: ReturnType<typeof item> }> {
          for (let n = 0; ; n += 1) {
            await new Promise((resolve) => setTimeout(resolve, TICK_MS));
            yield { item: item(n) };
          }
        },
      },
    },
  },
};
