import { buildSchema, getVariableValues, Kind, parse, validate } from 'graphql';
import type { FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { composeSupergraph } from '../supergraph/compose.js';
import { checkCost } from './cost-limit.js';
import { isCostStatic, measureCost } from './measure-cost.js';

const BODY = `
type Query {
  plain: Thing
  weighty: Thing @cost(weight: 20)
  heavy: Heavy
  heavies: [Heavy!]!
  sum(a: Int, b: Int @cost(weight: 3), in: In, ins: [In!]): Int
  stamp: Stamp
  any: Any
  node: Node
  books(first: Int, last: Int): BookPage @listSize(slicingArguments: ["first", "last"], sizedFields: ["items"])
  shelf(limit: Int = 7): [Book!] @listSize(slicingArguments: ["limit"])
  loose(first: Int, last: Int): [Book!] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false, assumedSize: 25)
  assumed: [Book!] @listSize(assumedSize: 4)
  ordinary(first: Int): [Book!]
  mass: [Int!] @cost(weight: 2) @listSize(assumedSize: 50)
}
type Mutation { write: Int }
input In { x: Int @cost(weight: 5) y: Int in: In }
type Thing { id: ID name: String }
type Heavy @cost(weight: 8) { id: ID gift: Int @cost(weight: -100) }
scalar Stamp @cost(weight: 6)
union Any = Thing | Heavy
interface Node { id: ID }
type N1 implements Node { id: ID @cost(weight: 4) }
type BookPage { items: [Book!]! total: Int nodes: [Book!] }
type Book { id: ID author: Thing }
`;

async function compose(body: string, names: string): Promise<GraphQLSchema> {
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${names}]) ${body}`;
  return buildSchema(await composeSupergraph([{ name: 'one', url: 'http://one', sdl, origin: 'one' }]), {
    assumeValidSDL: true,
  });
}

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await compose(BODY, '"@cost", "@listSize"');
});

function open(query: string, on = schema) {
  const document = parse(query);
  expect(validate(on, document)).toEqual([]);
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Error('no operation');
  const fragments = document.definitions.filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  return {
    document,
    operation,
    fragmentOf: (name: string) => fragments.find((fragment) => fragment.name.value === name),
  };
}

function measure(query: string, { variables = {}, on = schema }: { variables?: object; on?: GraphQLSchema } = {}) {
  const { operation, fragmentOf } = open(query, on);
  const { coerced } = getVariableValues(on, operation.variableDefinitions ?? [], { ...variables });
  return measureCost(operation, { schema: on, variables: coerced ?? {}, fragmentOf });
}

test.each<[string, string, number]>([
  ['an object costs one, its leaves nothing', '{ plain { id name } }', 1],
  ['a field has a weight of its own', '{ weighty { id } }', 20],
  ['or its type has one', '{ heavy { id } }', 8],
  ['for each item of a list', '{ heavies { id } }', 80],
  ['a scalar may have one', '{ stamp }', 6],
  ['the heaviest member of a union counts', '{ any { __typename } }', 8],
  ['the heaviest implementation of a field counts', '{ node { id } }', 1 + 4],
  ['nothing costs less than nothing', '{ heavy { gift } }', 8],
  ['an argument costs what it weighs', '{ sum(a: 1, b: 2) }', 3],
  ['one that is not given costs nothing', '{ sum(a: 1) }', 0],
  ['nor does null', '{ sum(b: null) }', 0],
  ['an input object costs one and its fields', '{ sum(in: { x: 1, y: 2, in: { x: 1 } }) }', 1 + 5 + 1 + 5],
  ['each of a list', '{ sum(ins: [{ x: 1 }, { y: 1 }]) }', 6 + 1],
  ['a mutation costs ten more', 'mutation { write }', 10],
  ['a slicing argument sizes the fields below', '{ books(first: 3) { total items { id author { id } } } }', 1 + 3 * 2],
  ['and no other list', '{ books(first: 3) { nodes { id } } }', 1 + 10],
  ['the default of the schema counts', '{ shelf { id } }', 7],
  ['a size may be assumed', '{ assumed { id } }', 4],
  ['where no argument is given', '{ loose { id } }', 25],
  ['of several arguments the larger counts', '{ loose(first: 3, last: 9) { id } }', 9],
  ['`first` counts without a directive', '{ ordinary(first: 12) { id } }', 12],
  ['weighted leaves count for each item', '{ mass }', 100],
])('%s', (_what, query, cost) => {
  expect(measure(query)).toMatchObject({ cost, isStatic: true, errors: [] });
});

test('list sizes count for the number of fields as well', () => {
  expect(measure('{ books(first: 3) { total items { id } } }').nodes).toBe(1 + 1 + 1 + 3);
  expect(measure('{ assumed { id } }').nodes).toBe(1 + 4);
});

test('a fragment on a page has the size of each page that uses it', () => {
  const query = '{ a: books(first: 3) { ...F } b: books(last: 70) { ...F } } fragment F on BookPage { items { id } }';
  expect(measure(query).cost).toBe(2 + 3 + 70);
});

test.each<[string, string]>([
  ['none', '{ books { total } }'],
  ['two', '{ books(first: 1, last: 1) { total } }'],
  ['null', '{ books(first: null) { total } }'],
  ['a variable without a value', 'query ($n: Int) { books(first: $n) { total } }'],
])('refuses %s where exactly one slicing argument is required', (_what, query) => {
  expect(measure(query).errors.map(({ extensions }) => extensions['code'])).toEqual(['SLICING_ARGUMENT_REQUIRED']);
});

test('what depends on a variable is not static, and follows it', () => {
  const paged = 'query ($n: Int = 2) { books(first: $n) { items { id } } }';
  expect(measure(paged)).toMatchObject({ cost: 3, isStatic: false });
  expect(measure(paged, { variables: { n: 40 } }).cost).toBe(41);
  const input = 'query ($in: In, $x: Int) { sum(in: { in: $in, x: $x }) }';
  expect(measure(input, { variables: { in: { x: 1, in: { x: 1 } } } })).toMatchObject({
    cost: 1 + 6 + 6,
    isStatic: false,
  });
  for (const [query, expected] of [
    [paged, false],
    [input, false],
    ['query ($a: Int) { sum(a: $a) }', true],
    ['query ($on: Boolean!) { plain @include(if: $on) { id } }', true],
  ] as const)
    expect(isCostStatic(open(query).operation, { schema, ...open(query) })).toBe(expected);
});

test('the verdict names what is too much, and what was allowed', () => {
  const check = (query: string, limit: { readonly nodes: number; readonly cost: number }) =>
    checkCost(open(query).operation, { schema, variables: {}, document: open(query).document, ...limit }).refusal;
  expect(check('{ heavies { id } }', { nodes: 1_000, cost: 80 })).toBeUndefined();
  expect(check('{ heavies { id } }', { nodes: 1_000, cost: 79 })).toMatchObject({
    message: expect.stringMatching(/may cost 80, allowed is 79/) as string,
    extensions: { code: 'COST_LIMIT_EXCEEDED' },
  });
  expect(check('{ heavies { id } }', { nodes: 10, cost: 80 })?.message).toMatch(/11 fields, allowed are 10/);
  expect(check('{ books { total } }', { nodes: 1_000, cost: 80 })?.extensions['code']).toBe(
    'SLICING_ARGUMENT_REQUIRED',
  );
});

test('renamed directives count', async () => {
  const renamed = await compose(
    'type Query { a: Int @price(weight: 9) b: [T] @size(assumedSize: 3) } type T { c: Int @price(weight: 2) }',
    '{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@size" }',
  );
  expect(measure('{ a b { c } }', { on: renamed }).cost).toBe(9 + 3 * 3);
});

test('a graph without weights has no cost, and its fields are counted', () => {
  const plain = buildSchema('type Query { list(first: Int): [T] } type T { id: ID }');
  expect(measure('{ list(first: 5) { id } }', { on: plain })).toMatchObject({ cost: 0, nodes: 6 });
});
