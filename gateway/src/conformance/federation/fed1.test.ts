import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

const data = () => {
  const item = (id: string) => ({
    __typename: 'Item',
    id,
    sku: `sku-${id}`,
    name: `Item ${id}`,
    price: id.length * 7,
    weight: 3,
    freight(this: { readonly price: number; readonly weight: number }) {
      return this.price + this.weight;
    },
  });
  const items = [item('i1'), item('i22')];
  const buyer = {
    __typename: 'Buyer',
    id: 'b1',
    rank: 2,
    nick: 'mo',
    rating: 4.5,
    basket: items,
    randomRank(this: { readonly rank: number }) {
      return this.rank * 2;
    },
  };
  return {
    rows: [...items, buyer],
    roots: {
      items,
      buyer,
      randomBuyer: buyer,
      found: ({ id }: { readonly id: string }) => items.find((each) => each.id === id) ?? null,
    },
  };
};

const QUERIES = [
  '{ items { id name price } randomBuyer { id rank rating } }',
  '{ items { freight n: name name: sku } }',
  '{ buyer { nick rating basket { price freight } } }',
  '{ found(id: "i22") { freight sku } randomBuyer { basket { name } nick } }',
];

describe('subgraphs of federation 1 that extend types', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      items: `
        type Item @key(fields: "id") @key(fields: "sku") { id: ID! sku: ID! name: String weight: Int }
        type Query { items: [Item!]! }`,
      prices: `
        extend type Item @key(fields: "id") { id: ID! @external weight: Int @external price: Int freight: Int @requires(fields: "weight") }
        extend type Query { found(id: ID!): Item }`,
      buyers: `
        type Buyer @key(fields: "id") @extends { id: ID! @external rank: Int @external rating: Float basket: [Item!]! randomRank: Int @requires(fields: "rank") }
        extend type Item @key(fields: "id") { id: ID! @external }
        type Query @extends { randomBuyer: Buyer @provides(fields: "rank") }`,
      people: `
        type Buyer @key(fields: "id") { id: ID! rank: Int nick: String }
        type Query { buyer: Buyer }`,
    },
    data,
  });

  test.each(QUERIES)('%s', (query) => expectSame(graph(), query));

  test('what an extension requires', () => expectSame(graph(), '{ buyer { randomRank rank } }'));
});

describe('a subgraph of federation 1 among those of federation 2', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      items: `${FEDERATION}
        type Item @key(fields: "id") @key(fields: "sku") { id: ID! sku: ID! name: String weight: Int }
        type Query { items: [Item!]! }`,
      prices: `
        extend type Item @key(fields: "id") { id: ID! @external weight: Int @external price: Int freight: Int @requires(fields: "weight") }
        extend type Query { found(id: ID!): Item }`,
      buyers: `${FEDERATION}
        extend type Buyer @key(fields: "id") { id: ID! @external rank: Int @external rating: Float basket: [Item!]! }
        extend type Item @key(fields: "sku") { sku: ID! }
        type Query { randomBuyer: Buyer @provides(fields: "rank") }`,
      people: `${FEDERATION}
        type Buyer @key(fields: "id") @extends { id: ID! rank: Int @shareable nick: String }
        extend type Query { buyer: Buyer }`,
    },
    data,
  });

  test.each(QUERIES)('%s', (query) => expectSame(graph(), query));
});
