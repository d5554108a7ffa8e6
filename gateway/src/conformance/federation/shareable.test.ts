import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('root fields and values that subgraphs share', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      names: `${FEDERATION}
        type Query { tool: Tool! @shareable tools: [Tool!]! @shareable now: String @shareable }
        type Tool @shareable { id: ID! name: Name! }
        type Name { brand: String model: String! }`,
      categories: `${FEDERATION}
        type Query { tool: Tool! @shareable tools: [Tool!]! @shareable now: String @shareable }
        type Tool @shareable { id: ID! category: Category! }
        type Category { id: ID! name: String! }`,
      costs: `${FEDERATION}
        type Query { tool: Tool! @shareable tools: [Tool!]! @shareable }
        type Tool @shareable { id: ID! cost: Cost }
        type Cost { amount: Int currency: String }`,
      stock: `${FEDERATION}
        type Query { stock: Stock @shareable }
        type Stock @key(fields: "id") { id: ID! left: Int where: Where @shareable }
        type Where @shareable { aisle: Int shelf: Int }`,
      depot: `${FEDERATION}
        type Query { stock: Stock @shareable }
        type Stock @key(fields: "id") { id: ID! reserved: Int where: Where @shareable }
        type Where @shareable { aisle: Int bay: Int }`,
    },
    data: () => {
      const tool = (id: number) => ({
        id: `t${id}`,
        name: { brand: id === 1 ? 'Ax' : null, model: `m${id}` },
        category: { id: `c${id}`, name: `Category ${id}` },
        cost: id === 1 ? { amount: 5, currency: null } : null,
      });
      const tools = [tool(1), tool(2)];
      const stock = { __typename: 'Stock', id: 's', left: 3, reserved: 1, where: { aisle: 1, shelf: 2, bay: 3 } };
      return { rows: [stock], roots: { tool: tools[0], tools, now: 'noon', stock } };
    },
  });

  test('an object whose parts only shared root fields can give', () =>
    expectSame(graph(), '{ tool { id name { brand model } category { name id } cost { amount currency } } }'));

  test('lists of them are merged item by item', () =>
    expectSame(graph(), '{ tools { category { id } cost { currency amount } name { model } id } }'));

  test('twice under other names, which swap', () =>
    expectSame(
      graph(),
      '{ a: tool { name: id id: category { id } } tool: tools { c: cost { amount } n: name { brand } } }',
    ));

  test('values of entities in two subgraphs', () =>
    expectSame(graph(), '{ stock { left reserved where { bay shelf aisle } } now }'));
});
