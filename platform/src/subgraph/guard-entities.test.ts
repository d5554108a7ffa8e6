import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { guardEntities, MOST_REPRESENTATIONS } from './guard-entities.js';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@external", "@requires"])
  type User @key(fields: "id") @key(fields: "handle") { id: ID  handle: String  tier: String  discount: Int }
  type Place @key(fields: "city street") { city: String!  street: String! }
  type Session @key(fields: "id", resolvable: false) { id: ID! }
  type Query { me: User }
`;
let asked: unknown[];
const resolvers = {
  User: {
    __resolveReference: (reference: Readonly<Record<string, unknown>>) => {
      asked.push(reference);
      return { ...reference };
    },
    discount: ({ tier }: { readonly tier?: string }) => (tier === 'GOLD' ? 100 : 0),
  },
};

function build(sdl = SDL): GraphQLSchema {
  return guardEntities(buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]));
}
const schema = build();

async function entities(representations: unknown): Promise<ExecutionResult> {
  asked = [];
  const source = `query ($all: [_Any!]!) {
    _entities(representations: $all) { __typename ... on User { id tier discount } ... on Place { city street } }
  }`;
  // As it comes over the network: `__proto__` is a property like any other then.
  const all = (typeof representations === 'string' ? JSON.parse(representations) : representations) as unknown;
  return graphql({ schema, source, variableValues: { all } });
}

test('a reference is resolved by its key, by either of two, or by one of two fields', async () => {
  const { data, errors } = await entities([
    { __typename: 'User', id: '1' },
    { __typename: 'User', handle: 'ada' },
    { __typename: 'Place', city: 'Bern', street: 'Gasse' },
  ]);
  expect(errors).toBeUndefined();
  expect(asked).toEqual([
    { __typename: 'User', id: '1' },
    { __typename: 'User', handle: 'ada' },
  ]);
  expect(data).toMatchObject({ _entities: [{ id: '1' }, {}, { city: 'Bern', street: 'Gasse' }] });
});

test('ID-71: forged values for @requires and other extra keys never reach a resolver', async () => {
  const { data } = await entities(
    '[{"__typename":"User","id":"1","tier":"GOLD","isAdmin":true,"__proto__":{"tier":"GOLD"},"constructor":{"tier":"GOLD"}}]',
  );
  expect(asked).toEqual([{ __typename: 'User', id: '1' }]);
  expect(data?.['_entities']).toEqual([{ __typename: 'User', id: '1', tier: null, discount: 0 }]);
  expect(({} as Record<string, unknown>)['tier']).toBeUndefined();
});

test.each([
  ['no __typename', '[{"id":"1"}]'],
  ['a __typename that is no text', '[{"__typename":["User"],"id":"1"}]'],
  ['an unknown type', '[{"__typename":"Nobody","id":"1"}]'],
  ['__proto__ for a type', '[{"__typename":"__proto__","id":"1"}]'],
  ['a type that is no entity', '[{"__typename":"Query","id":"1"}]'],
  ['a type that is only referred to', '[{"__typename":"Session","id":"1"}]'],
  ['no key', '[{"__typename":"User"}]'],
  ['half of a key', '[{"__typename":"Place","city":"Bern"}]'],
  ['a key that is a number', '[{"__typename":"User","id":1}]'],
  ['a key that is an object', '[{"__typename":"User","id":{"$ne":null}}]'],
  ['a key that is a list', '[{"__typename":"User","id":["1","2"]}]'],
  ['a key that is null', '[{"__typename":"User","id":null}]'],
  ['its key in __proto__', '[{"__typename":"User","__proto__":{"id":"1"}}]'],
  ['a text', '["User"]'],
  ['a list', '[["User"]]'],
  ['one of two that is wrong', '[{"__typename":"User","id":"1"},{"__typename":"User"}]'],
])('ID-71: a representation with %s is refused, and nothing is resolved', async (_what, representations) => {
  const { data, errors } = await entities(representations);
  expect(data).toBeNull();
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
  expect(asked).toEqual([]);
});

test('ID-71: more than a thousand representations are refused before any is resolved', async () => {
  const all = (count: number) => Array.from({ length: count }, (_, id) => ({ __typename: 'User', id: String(id) }));
  expect((await entities(all(MOST_REPRESENTATIONS))).errors).toBeUndefined();
  expect(asked).toHaveLength(MOST_REPRESENTATIONS);
  const { errors } = await entities(all(MOST_REPRESENTATIONS + 1));
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT']);
  expect(asked).toEqual([]);
});

test('a schema that takes values from representations, or whose key is nested, is not built', () => {
  expect(() =>
    build(
      SDL.replace('tier: String  discount: Int', 'tier: String @external  discount: Int @requires(fields: "tier")'),
    ),
  ).toThrow(/User\.discount has @requires/);
  expect(() =>
    build(
      SDL.replace('@key(fields: "city street")', '@key(fields: "at { city }")').replace(
        'city: String!  street: String!',
        'at: Place city: String',
      ),
    ),
  ).toThrow(/fields of its own/);
});
