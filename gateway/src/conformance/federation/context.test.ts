import { expectSame } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

describe('@context and @fromContext', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      shops: `${FEDERATION}
        type Query { shops: [Shop!]! stall: Stall }
        type Shop @key(fields: "id") @context(name: "seller") { id: ID! currency: String! location: Location! goods: [Good!]! }
        type Stall @key(fields: "id") @context(name: "seller") { id: ID! currency: String! best: Good }
        type Location { country: String! }
        type Good @key(fields: "id") {
          id: ID!
          shown(currency: String @fromContext(field: "$seller { currency }"), digits: Int = 2): String
          deep: Deep
        }
        type Deep @key(fields: "id") { id: ID! told(currency: String @fromContext(field: "$seller { currency }")): String }`,
      details: `${FEDERATION}
        type Good @key(fields: "id") { id: ID! name: String! maker: Maker }
        type Maker @key(fields: "id") { id: ID! name: String }`,
    },
    data: () => {
      const deep = (id: string, seller: string) => ({
        __typename: 'Deep',
        id: `deep-${id}`,
        told: () => `told ${seller}`,
      });
      const good = (id: string, seller: string) => ({
        __typename: 'Good',
        id,
        name: `Good ${id}`,
        maker: { __typename: 'Maker', id: `m${id}`, name: null },
        shown: ({ digits }: { readonly digits: number }) => `${seller} ${digits}`,
        deep: deep(id, seller),
      });
      const shops = [
        {
          __typename: 'Shop',
          id: 's1',
          currency: 'NOK',
          location: { country: 'NO' },
          goods: [good('1', 'NOK'), good('2', 'NOK')],
        },
        { __typename: 'Shop', id: 's2', currency: 'SEK', location: { country: 'SE' }, goods: [good('3', 'SEK')] },
      ];
      const stall = { __typename: 'Stall', id: 't1', currency: 'EUR', best: good('4', 'EUR') };
      const goods = [...shops.flatMap((shop) => shop.goods), stall.best];
      return {
        rows: [...shops, stall, ...goods, ...goods.map((each) => each.maker), ...goods.map((each) => each.deep)],
        roots: { shops, stall },
      };
    },
  });

  /** What the subgraph was told, which the rows answer whatever it is. */
  const toldCurrencies = (): readonly string[] =>
    graph().host.requests.flatMap(({ variables }) =>
      Object.entries(variables)
        .filter(([name]) => name.includes('contextualArgument'))
        .map(([, value]) => JSON.stringify(value)),
    );

  test('an argument from the object above, in the same subgraph', async () => {
    await expectSame(graph(), '{ shops { goods { shown } } }');
    expect(toldCurrencies().join()).toContain('NOK');
    expect(toldCurrencies().join()).toContain('SEK');
  });

  test('with arguments of the client, from either context', async () => {
    await expectSame(graph(), '{ stall { best { id shown(digits: 4) name } } shops { goods { shown name } } }');
    expect(toldCurrencies().join()).toContain('EUR');
  });

  test('two levels down, and under the names of what is needed', async () => {
    await expectSame(
      graph(),
      '{ shops { currency: id goods { deep { told id } shown: name s: shown maker { name } } } }',
    );
    expect(toldCurrencies().join()).toContain('SEK');
  });

  test('the client sees no argument', async () => {
    const data = await expectSame(graph(), '{ __type(name: "Good") { fields { name args { name } } } }');
    expect(JSON.stringify(data)).not.toContain('currency');
  });
});
