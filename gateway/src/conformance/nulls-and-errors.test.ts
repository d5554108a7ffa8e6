import { execute, parse } from 'graphql';
import { askGateway, nullPlaces } from './harness/answers.js';
import type { ComparableAnswer } from './harness/answers.js';
import { expectSame } from './harness/expect-same.js';
import { FEDERATION } from './harness/federation.js';
import { useFederatedGraph } from './harness/federated-graph.js';

/** What a subgraph says is JSON and nothing more: the gateway holds it to the schema as graphql-js would. */
describe('what a subgraph says', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      said: `${FEDERATION}
        scalar JSON
        enum Kind { ONE TWO HIDDEN @inaccessible }
        interface Shape { name: String }
        type Disc implements Shape { name: String r: Int! }
        type Cube implements Shape { name: String side: Float }
        union Figure = Disc | Cube
        type Box {
          int: Int float: Float string: String bool: Boolean id: ID kind: Kind json: JSON
          intN: Int! stringN: String! boxN: Box! box: Box
          ints: [Int] intsN: [Int!] intsNN: [Int!]! grid: [[Int!]] kinds: [Kind!]
          constructor: Int hasOwnProperty: String
          boxes: [Box] boxesN: [Box!] boxesNN: [Box!]! shape: Shape shapes: [Shape!] figure: Figure
        }
        type Query {
          int: Int float: Float string: String bool: Boolean id: ID kind: Kind json: JSON
          toString: Int valueOf: Box
          box: Box boxN: Box! ints: [Int] grid: [[Int!]] boxes: [Box] shape: Shape
        }`,
    },
    data: () => {
      const box = { string: 'p', id: 'h', box: { string: 'q' } };
      return { rows: [], roots: { int: 5, box, toString: () => 7, valueOf: () => Object.create(null) as object } };
    },
  });
  afterEach(() => graph().host.answerWith('said', undefined));

  const gatewaySays = (query: string, data: string): Promise<ComparableAnswer> => {
    graph().host.answerWith('said', { body: `{"data":${data}}` });
    return askGateway(graph(), query);
  };

  const graphqlSays = async (query: string, data: string): Promise<ComparableAnswer> => {
    const result = await execute({ schema: graph().whole, document: parse(query), rootValue: JSON.parse(data) });
    return { data: JSON.stringify(result.data), errors: result.errors ?? [] };
  };

  const expectLikeGraphql = async (query: string, data: string): Promise<ComparableAnswer> => {
    const [expected, answer] = await Promise.all([graphqlSays(query, data), gatewaySays(query, data)]);
    expect({ data: answer.data, places: nullPlaces(answer) }).toEqual({
      data: expected.data,
      places: nullPlaces(expected),
    });
    return answer;
  };

  describe('of a type that cannot be it is a null and an error there', () => {
    test.each([
      ['int', '"abc"'],
      ['int', '1.5'],
      ['int', '2147483648'],
      ['int', '-2147483649'],
      ['int', '1e400'],
      ['int', '{}'],
      ['int', '[1]'],
      ['float', '"abc"'],
      ['float', '1e400'],
      ['float', '-1e400'],
      ['float', '{"a":1}'],
      ['float', '[]'],
      ['bool', '"true"'],
      ['bool', '{}'],
      ['bool', '[true]'],
      ['string', '{}'],
      ['string', '["a"]'],
      ['id', '{}'],
      ['id', '1.5'],
      ['id', 'true'],
      ['kind', '"THREE"'],
      ['kind', '"HIDDEN"'],
      ['kind', '"toString"'],
      ['kind', '"__proto__"'],
      ['kind', '1'],
      ['kind', '["ONE"]'],
      ['ints', '5'],
      ['ints', '"abc"'],
      ['ints', '{"0":1}'],
      ['ints', '{"length":1}'],
      ['ints', '[1,"x",null,3]'],
      ['grid', '[[1],[null],["x"],null,5]'],
    ])('%s: %s', async (field, value) => {
      const { errors } = await expectLikeGraphql(`{ ${field} }`, `{"${field}":${value}}`);
      expect(errors).not.toEqual([]);
      await expectLikeGraphql(
        `{ boxes { __typename ${field} } }`,
        `{"boxes":[{"__typename":"Box","${field}":${value}},{"__typename":"Box","${field}":null}]}`,
      );
    });

    test.each([
      ['box', '"abc"'],
      ['box', '5'],
      ['box', 'true'],
      ['box', '[]'],
      ['box', '[{"int":1}]'],
      ['shape', '"Disc"'],
      ['shape', '[]'],
    ])('an object that is none, as graphql-js takes it, %s: %s', async (field, value) => {
      await expectLikeGraphql(`{ ${field} { ${field === 'shape' ? 'name' : 'int intN'} } }`, `{"${field}":${value}}`);
    });
  });

  describe('is null where it may not be: the next object that may be null is', () => {
    test.each([
      ['{ box { intN int } }', '{"box":{"intN":null,"int":1}}'],
      ['{ box { int } boxN { intN } }', '{"box":{"int":1},"boxN":{"intN":null}}'],
      ['{ boxN { int } }', '{"boxN":null}'],
      ['{ box { boxN { boxN { intN } } int } int }', '{"box":{"boxN":{"boxN":{"intN":null}},"int":1},"int":2}'],
      ['{ box { box { boxN { stringN } } int } }', '{"box":{"box":{"boxN":{"stringN":null}},"int":1}}'],
      ['{ box { intsN ints intsNN } }', '{"box":{"intsN":[1,null],"ints":[null,1],"intsNN":[1]}}'],
      ['{ box { intsNN ints } }', '{"box":{"intsNN":[1,null],"ints":[null]}}'],
      ['{ box { intsNN } int }', '{"box":{"intsNN":null},"int":1}'],
      ['{ boxes { intN } }', '{"boxes":[{"intN":1},{"intN":null},null,{"intN":3}]}'],
      ['{ box { boxesN { intN } int } }', '{"box":{"boxesN":[{"intN":1},{"intN":null}],"int":1}}'],
      ['{ box { boxesNN { intN } int } int }', '{"box":{"boxesNN":[{"intN":1},{"intN":null}],"int":1},"int":2}'],
      ['{ box { boxesNN { box { intN } } } }', '{"box":{"boxesNN":[{"box":{"intN":null}},{"box":null}]}}'],
      ['{ grid }', '{"grid":[[1,2],[3,null],null,[]]}'],
      ['{ box { kinds int } }', '{"box":{"kinds":["ONE","THREE"],"int":1}}'],
      [
        '{ box { shapes { __typename name ... on Disc { r } } } }',
        '{"box":{"shapes":[{"__typename":"Disc","name":"d","r":null},{"__typename":"Cube","name":null}]}}',
      ],
      [
        '{ boxes { shape { ... on Disc { r name } } figure { __typename ... on Disc { r } } } }',
        '{"boxes":[{"shape":{"__typename":"Disc","r":null,"name":"x"},"figure":{"__typename":"Disc","r":1}},{"shape":{"__typename":"Cube"},"figure":null}]}',
      ],
      ['{ a: box { intN } b: box { x: intN y: int } }', '{"a":{"intN":null},"b":{"x":null,"y":1}}'],
    ])('%s %s', async (query, data) => {
      // graphql-js reads fields by name, a subgraph answers by response name: where they differ, ask it without aliases.
      const { data: got, errors } = await gatewaySays(query, data);
      expect(errors).not.toEqual([]);
      if (query.includes(': ')) {
        expect({ got, places: nullPlaces({ data: got, errors }) }).toEqual({
          got: '{"a":null,"b":null}',
          places: ['["a"]', '["b"]'],
        });
        return;
      }
      await expectLikeGraphql(query, data);
    });

    test('what is missing counts as null', async () => {
      await expectLikeGraphql('{ int box { string int ints } }', '{"box":{"int":1}}');
      await expectLikeGraphql('{ int box { stringN int } }', '{"box":{"int":1}}');
    });
  });

  describe('of which type an abstract object is', () => {
    test.each([
      ['of no type', '{"shape":{"name":"x"}}'],
      ['of an unknown type', '{"shape":{"__typename":"Ring","name":"x"}}'],
      ['of a type that is no shape', '{"shape":{"__typename":"Box","name":"x"}}'],
      ['of a type that is no object', '{"shape":{"__typename":"Shape","name":"x"}}'],
      ['of a name that every object has', '{"shape":{"__typename":"constructor","name":"x"}}'],
      ['of a type that is no name', '{"shape":{"__typename":5,"name":"x"}}'],
    ])('%s: a null and an error', async (_, data) => {
      const { errors } = await expectLikeGraphql('{ shape { name __typename } }', data);
      expect(errors).not.toEqual([]);
    });
  });

  describe('is passed on and nothing else', () => {
    test('not what was not asked for, and in the order in which it was', async () => {
      const { data } = await gatewaySays(
        '{ string int box { id int } }',
        '{"box":{"int":1,"secret":2,"id":"x"},"secret":1,"int":3,"string":"s"}',
      );
      expect(data).toBe('{"string":"s","int":3,"box":{"id":"x","int":1}}');
    });

    test('a key that comes twice counts once', async () => {
      const { data } = await gatewaySays('{ int string }', '{"int":1,"string":"a","int":2}');
      expect(data).toBe('{"int":2,"string":"a"}');
    });

    test('what hides behind __proto__ is not there', async () => {
      const { data } = await gatewaySays(
        '{ int box { int id } }',
        '{"__proto__":{"int":5},"box":{"__proto__":{"int":7},"id":"1"}}',
      );
      expect(data).toBe('{"int":null,"box":{"int":null,"id":"1"}}');
      expect(({} as { int?: unknown }).int).toBeUndefined();
    });

    test('fields whose names every object has are not taken from it', async () => {
      const data = await expectSame(graph(), '{ toString valueOf { constructor hasOwnProperty } }');
      expect(data).toEqual({ toString: 7, valueOf: { constructor: null, hasOwnProperty: null } });
    });

    test('and may be aliases as any other, __proto__ too', () =>
      expectSame(
        graph(),
        `{ __proto__: int constructor: box { __proto__: string hasOwnProperty: id toString: box { __proto__: __typename } }
           valueOf { __proto__: string } toString __defineGetter__: toString }`,
      ));
  });

  describe('numbers', () => {
    test.each([
      ['int', '2147483647', '2147483647'],
      ['int', '-2147483648', '-2147483648'],
      ['int', '-0', '0'],
      ['int', '1.0', '1'],
      ['int', '1e2', '100'],
      ['float', '-0', '0'],
      ['float', '0.1', '0.1'],
      ['float', '1e21', '1e+21'],
      ['float', '5e-324', '5e-324'],
      ['float', '1.7976931348623157e308', '1.7976931348623157e+308'],
      ['float', '9007199254740992', '9007199254740992'],
      ['json', '[1e-7,-1.5,9007199254740991]', '[1e-7,-1.5,9007199254740991]'],
    ])('%s %s', async (field, value, expected) => {
      const { data, errors } = await gatewaySays(`{ ${field} }`, `{"${field}":${value}}`);
      expect(errors).toEqual([]);
      expect(data).toBe(`{"${field}":${expected}}`);
    });

    test('more digits than a double has stay the nearest double', async () => {
      const { data } = await gatewaySays('{ float }', '{"float":9007199254740993}');
      expect((JSON.parse(String(data)) as { float: number }).float).toBe(9007199254740992);
    });
  });

  describe('strings', () => {
    const STRINGS: readonly (readonly [string, string])[] = [
      ['empty', ''],
      ['quotes and backslashes', '"\\"\\\\\'/'],
      ['control characters', Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')],
      ['delete and C1', '\u007f\u0080\u009f'],
      ['line separators', '\u2028\u2029'],
      ['beyond the basic plane', '\u{1f600}\u{10ffff}'],
      ['a surrogate alone', 'a\ud800b\udc00'],
      ['a surrogate alone at the end', 'abc\ud83d'],
      ['combining marks and a byte order mark', 'e\u0301\ufeff\u200d'],
      ['what looks like JSON', '{"data":null}'],
      ['long', 'x'.repeat(3_000_000)],
      ['long and to be escaped', '"\n\u{1f680}'.repeat(200_000)],
    ];

    test.each(STRINGS)('%s', async (_, value) => {
      const said = JSON.stringify(value);
      const { data, errors } = await gatewaySays(
        '{ string box { id string } json }',
        `{"string":${said},"box":{"id":${said},"string":${said}},"json":{"k":[${said}]}}`,
      );
      expect(errors).toEqual([]);
      const parsed = JSON.parse(String(data)) as Record<string, unknown>;
      expect(parsed).toEqual({ string: value, box: { id: value, string: value }, json: { k: [value] } });
      expect(data?.length).toBe(JSON.stringify(parsed).length);
    });

    test('as keys of a JSON scalar', async () => {
      const value = Object.fromEntries(STRINGS.map(([name, text]) => [text.slice(0, 100), name]));
      const { data } = await gatewaySays('{ json }', `{"json":${JSON.stringify(value)}}`);
      expect(data).toBe(`{"json":${JSON.stringify(value)}}`);
    });
  });
});
