import { readFileSync } from 'node:fs';
import { buildSchema, getVariableValues, Kind, OperationTypeNode, parse, validate } from 'graphql';
import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { STANDARD_LIMITS } from './limits.js';
import { measureCost } from './measure-cost.js';

const SMALL = buildSchema(`
  interface Page { pageInfo: Info }
  type Info { more: Boolean }
  type Query { people(first: Int = 20, last: Int): PersonPage must(first: Int! = 20): PersonPage person: Person search: [Hit!] grid: [[Person]] }
  type PersonPage implements Page { pageInfo: Info nodes: [Person!]! edges: [PersonEdge!]! }
  type PersonEdge { node: Person }
  type Person { id: ID names: [String] friends(first: Int = 20): PersonPage roles: [Role!]! top(last: Int! = 7): [Role!] }
  type Role { name: String holders: [Person!] }
  union Hit = Person | Role
`);
const ORION = buildSchema(readFileSync(new URL('../../../schema/api.graphql', import.meta.url), 'utf8'));

function cost(query: string, { variables = {}, schema = SMALL }: { variables?: object; schema?: typeof SMALL } = {}) {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  expect(operation?.operation).toBe(OperationTypeNode.QUERY);
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const { coerced } = getVariableValues(schema, operation?.variableDefinitions ?? [], { ...variables });
  return measureCost(operation as OperationDefinitionNode, {
    schema,
    variables: coerced ?? {},
    fragmentOf: (name) => fragments.get(name),
  }).nodes;
}

test.each<[string, string, number]>([
  ['leaves, lists of them as well, cost one', '{ person { id names } }', 3],
  ['a page costs what its items cost', '{ people(first: 5) { nodes { id names } } }', 1 + 1 + 5 * 2],
  ['edges are multiplied once, for edge and node', '{ people(first: 5) { edges { node { id } } } }', 1 + 1 + 5 * 2],
  ['what stands beside the items is not multiplied', '{ people(first: 50) { pageInfo { more } } }', 3],
  ['a size left out is the default of the schema', '{ people { nodes { id } } }', 2 + 20],
  ['the larger of first and last counts', '{ people(first: 2, last: 9) { nodes { id } } }', 2 + 9],
  ['an alias changes nothing', '{ a: people(first: 5) { b: nodes { c: id } } }', 2 + 5],
  ['an unpaged list is taken for ten', '{ person { roles { name } } }', 1 + 1 + 10],
  ['a paged list without a connection has its size', '{ person { top(last: 3) { name } } }', 1 + 1 + 3],
  ['a list of lists is multiplied twice', '{ grid { id } }', 1 + 100],
  ['all members of a union count', '{ search { ... on Person { id } ... on Role { name } } }', 1 + 20],
  ['a page in a page multiplies', '{ people(first: 10) { nodes { friends(first: 10) { nodes { id } } } } }', 2 + 120],
  ['a page of unknown size is a large one', '{ people(first: null) { nodes { id } } }', 2 + 100],
  ['introspection costs one', '{ __schema { types { fields { args { name } } } } }', 1],
])('%s', (_what, query, expected) => {
  expect(cost(query)).toBe(expected);
});

test('a fragment on the page takes the size of each field that uses it', () => {
  const fragment = 'fragment F on PersonPage { ...G } fragment G on Page { ... on PersonPage { nodes { id } } }';
  expect(cost(`{ a: people(first: 3) { ...F } b: people(first: 70) { ...F } } ${fragment}`)).toBe(2 + 3 + 2 + 70);
});

test('a size in a variable is its value, its default, or the default of the schema', () => {
  const query = 'query ($n: Int) { people(first: $n) { nodes { id } } }';
  expect(cost(query, { variables: { n: 60 } })).toBe(62);
  expect(cost(query)).toBe(22);
  expect(cost(query, { variables: { n: null } })).toBe(102);
  expect(cost(query.replace('Int', 'Int = 8'))).toBe(10);
  expect(cost('query ($n: Int) { must(first: $n) { nodes { id } } }', { variables: { n: -1 } })).toBe(102);
});

test('a bomb of fragments is measured at its length, and no cost overflows', () => {
  const bomb = Array.from(
    { length: 200 },
    (_, index) =>
      `fragment F${index} on Person { a: friends(first: 2000000000) { nodes { ...F${index + 1} } } b: friends(first: 0) { nodes { ...F${index + 1} } } }`,
  );
  const startedAt = performance.now();
  expect(cost(`{ person { ...F0 } } ${bomb.join(' ')} fragment F200 on Person { id }`)).toBe(Number.MAX_SAFE_INTEGER);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

const EVERYTHING = `id displayName emailVerified lastLoginAt
  sessions(first: 3) { nodes { id device { name } } } notifications(first: 3) { nodes { title actor { displayName } } }
  notificationCounts { unseen total } activitySummary { logins }`;

test('the largest page of users across four subgraphs is far inside the standard limit', () => {
  const large = cost(`{ users(first: 100) { nodes { ${EVERYTHING} } } }`, { schema: ORION });
  expect(large).toBe(3_102);
  expect(large).toBeLessThan(STANDARD_LIMITS.nodes / 3);
});

const nested = (levels: number): string =>
  levels === 0 ? 'id' : `sessions(first: 100) { nodes { user { ${nested(levels - 1)} } } }`;

test('sessions of users of sessions are over the standard limit from the second level', () => {
  const costs = [1, 2, 3, 4, 5, 6].map((levels) => cost(`{ me { ${nested(levels)} } }`, { schema: ORION }));
  expect(costs[0]).toBe(203);
  expect(costs[1]).toBeGreaterThan(STANDARD_LIMITS.nodes);
  expect(costs[3]).toBeGreaterThan(1e8);
  expect(costs).toEqual(costs.toSorted((a, b) => a - b));
});
