import { expectSame, expectSameAnswer } from '../harness/expect-same.js';
import { FEDERATION } from '../harness/federation.js';
import { useFederatedGraph } from '../harness/federated-graph.js';

const echo = (args: object): string => JSON.stringify(args);

describe('enums, inputs and arguments that subgraphs share', () => {
  const graph = useFederatedGraph({
    subgraphs: {
      users: `${FEDERATION}
        type Query {
          members: [Member] member(kind: Kind): Member
          search(filter: Filter = { limit: 3, tags: ["x"] }, kinds: [Kind!] = [ADMIN]): String
          page(first: Int = 10, after: ID, deep: [[Int!]] = [[1], null]): String
          required(filter: Filter!): String
        }
        type Member @key(fields: "id") { id: ID! kind: Kind @shareable log(level: Level! = LOW, note: String = "n"): String }
        enum Kind { ADMIN PLAIN GHOST @inaccessible }
        enum Level { LOW HIGH }
        input Filter { limit: Int = 5 tags: [String!] kind: Kind = PLAIN nested: Filter, only: String }`,
      roles: `${FEDERATION}
        type Query { byKind(kind: Kind!): [Member!]! other(filter: Filter): String }
        type Member @key(fields: "id") { id: ID! kind: Kind @shareable rank(scale: Float! = 1.5): Float }
        enum Kind { ADMIN PLAIN }
        input Filter { limit: Int = 5 tags: [String!] kind: Kind = PLAIN nested: Filter }`,
    },
    data: () => {
      const member = (id: string, kind: string | null) => ({
        __typename: 'Member',
        id,
        kind,
        log: (args: object) => `${id} ${echo(args)}`,
        rank: ({ scale }: { readonly scale: number }) => scale * id.length,
      });
      const members = [member('m', 'ADMIN'), member('mm', null), null];
      return {
        rows: members.filter((each) => each !== null),
        roots: {
          members,
          member: ({ kind }: { readonly kind?: string | null }) => members.find((each) => each?.kind === kind) ?? null,
          byKind: ({ kind }: { readonly kind: string }) => members.filter((each) => each?.kind === kind),
          search: echo,
          page: echo,
          required: echo,
          other: echo,
        },
      };
    },
  });

  test('enums as values, arguments and variables', () =>
    expectSame(
      graph(),
      'query ($k: Kind, $m: Kind! = ADMIN) { members { kind rank } member(kind: $k) { id } byKind(kind: $m) { id kind } a: byKind(kind: PLAIN) { id } }',
      { k: null },
    ));

  test('defaults of arguments and of input fields reach the subgraph', () =>
    expectSame(
      graph(),
      '{ search page a: search(filter: {}) b: search(filter: { nested: { limit: null } }, kinds: null) members { log rank } }',
    ));

  test('variables with defaults, null and missing', () =>
    expectSame(
      graph(),
      `query ($f: Filter = { limit: 1 }, $g: Filter, $n: Int = 4, $m: Int, $o: Int, $l: Level! = HIGH) {
         search(filter: $f) a: search(filter: $g) b: search(filter: { limit: $m, tags: ["a", "b"] })
         page(first: $n) c: page(first: $m) d: page(first: $o, deep: [[1, $n], []])
         members { log(level: $l) e: log(level: HIGH, note: null) rank(scale: 2) }
       }`,
      { g: null, o: null, n: 6 },
    ));

  test('a list where one value is given', () =>
    expectSame(
      graph(),
      'query ($t: [String!], $k: [Kind!]) { search(filter: { tags: "one" }, kinds: PLAIN) a: search(filter: { tags: $t }, kinds: $k) }',
      {
        t: 'single',
        k: 'ADMIN',
      },
    ));

  test.each([
    ['{ search(filter: { only: "x" }) }', undefined],
    ['{ member(kind: GHOST) { id } }', undefined],
    ['query ($k: Kind!) { byKind(kind: $k) { id } }', { k: 'GHOST' }],
    ['query ($k: Kind!) { byKind(kind: $k) { id } }', {}],
    ['query ($f: Filter!) { required(filter: $f) }', { f: { nested: { unknown: 1 } } }],
    ['query ($f: Filter!) { required(filter: $f) }', { f: { limit: 1.5 } }],
    ['query ($f: Filter!) { required(filter: $f) }', { f: null }],
    ['query ($n: Int) { page(first: $n) }', { n: 2 ** 31 }],
    ['{ page(first: "1") }', undefined],
    ['{ required }', undefined],
  ])('a mistake is told before anyone is asked: %s %j', async (query, variables) => {
    const { data } = await expectSameAnswer(graph(), query, variables);
    expect(data).toBeUndefined();
    expect(graph().host.requests).toEqual([]);
  });
});

describe('scalars of their own', () => {
  const odd = JSON.parse(
    '{"__proto__":{"x":1},"constructor":null,"toString":[1,[2,{"__typename":"T"}]],"":"empty","a b":1.50}',
  ) as unknown;
  const graph = useFederatedGraph({
    subgraphs: {
      docs: `${FEDERATION}
        scalar JSON scalar Stamp
        type Query { doc: Doc docs: [[Doc]] matrix: [[[Int]!]] echo(value: JSON): JSON }
        type Doc @key(fields: "id") { id: ID! body: JSON bodies: [JSON] at: Stamp }`,
      index: `${FEDERATION}
        scalar JSON
        type Doc @key(fields: "id") { id: ID! body: JSON @external size: Int! @requires(fields: "body") meta: JSON! words: [[String!]] }`,
    },
    data: () => {
      const doc = (id: string, body: unknown) => ({
        __typename: 'Doc',
        id,
        body,
        bodies: [body, null, 0, ''],
        at: 1_700_000_000_000,
        meta: { id, __typename: 'not a type', list: [[], [{}]] },
        words: [['a'], [], null],
        size(this: { readonly body: unknown }) {
          return JSON.stringify(this.body).length;
        },
      });
      const docs = [
        doc('1', odd),
        doc('2', null),
        doc('3', [odd, 'x']),
        doc('4', 'text \u{1f600} "quoted" \\ \u2028 \u0007'),
      ];
      return {
        rows: docs,
        roots: {
          doc: docs[0],
          docs: [docs.slice(0, 2), null, [null, docs[3]], []],
          matrix: [[[1, null], []], null, []],
          echo: ({ value }: { readonly value?: unknown }) => value ?? 'nothing',
        },
      };
    },
  });

  test('their JSON is passed on as it is, whatever its keys are', () =>
    expectSame(graph(), '{ doc { body bodies at meta } }'));

  test('as what another field requires', () => expectSame(graph(), '{ docs { size body: meta b: body } }'));

  test('lists of lists, with entities in them', () => expectSame(graph(), '{ matrix docs { id words size } }'));

  test('as variables and literals', () =>
    expectSame(
      graph(),
      'query ($v: JSON, $w: JSON) { a: echo(value: $v) b: echo(value: { a: [1, $w], __proto__: 2 }) c: echo(value: null) d: echo }',
      {
        v: odd,
        w: { x: 'y' },
      },
    ));
});
