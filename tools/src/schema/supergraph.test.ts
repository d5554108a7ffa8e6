import { composeSubgraphs } from './supergraph.js';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable", "@external", "@requires"])\n';

const subgraph = (name: string, sdl: string) => ({
  name,
  url: `http://${name}`,
  file: `schema/subgraphs/${name}.graphql`,
  sdl: `${LINK}${sdl}`,
  isOwn: true,
});

test('subgraphs that fit make a supergraph, and an API schema without a trace of federation', () => {
  const { supergraph, api, findings } = composeSubgraphs([
    subgraph('user', '"A person."\ntype User @key(fields: "id") { "Its id." id: ID! }\ntype Query { "Me." me: User }'),
    subgraph('shop', 'type User @key(fields: "id") { id: ID! "How many." orders: Int }'),
  ]);
  expect(findings).toEqual([]);
  expect(supergraph).toContain('@join__type');
  expect(api).toContain('"""How many."""\n  orders: Int');
  expect(api).not.toMatch(/@key|join__|@link/);
});

test('SDL that is not GraphQL is an error in its file, at its line', () => {
  const { supergraph, findings } = composeSubgraphs([subgraph('user', 'type Query {\n  me: !\n}')]);
  expect(supergraph).toBeNull();
  expect(findings).toEqual([
    expect.objectContaining({
      file: 'schema/subgraphs/user.graphql',
      line: 3,
      message: expect.stringContaining('Syntax Error'),
      severity: 'error',
    }),
  ]);
});

test('a field that two subgraphs resolve is an error in both files, with advice', () => {
  const sdl = (root: string) => `type Money {\n  amount: Int\n}\n${root}`;
  const { findings } = composeSubgraphs([
    subgraph('user', sdl('type Query {\n  balance: Money\n}')),
    subgraph('shop', sdl('extend type Query {\n  price: Money\n}')),
  ]);
  expect(findings.map(({ file, line }) => `${file}:${line}`).toSorted()).toEqual([
    'schema/subgraphs/shop.graphql:3',
    'schema/subgraphs/user.graphql:3',
  ]);
  expect(findings[0]).toMatchObject({
    message: expect.stringContaining('INVALID_FIELD_SHARING'),
    hint: expect.stringContaining('@shareable'),
  });
});

test('types that do not agree are an error at the lines of the fields', () => {
  const { findings } = composeSubgraphs([
    subgraph('user', 'type User @key(fields: "id") {\n  id: ID!\n  age: Int @shareable\n}\ntype Query { me: User }'),
    subgraph('shop', 'type User @key(fields: "id") {\n  id: ID!\n  age: String @shareable\n}'),
  ]);
  expect(findings.map(({ file, line }) => `${file}:${line}`).toSorted()).toEqual([
    'schema/subgraphs/shop.graphql:4',
    'schema/subgraphs/user.graphql:4',
  ]);
  expect(findings[0]?.message).toContain('FIELD_TYPE_MISMATCH');
});

test('a field that cannot be reached names the subgraph that lacks the way', () => {
  const { findings } = composeSubgraphs([
    subgraph('user', 'type User {\n  name: String\n}\ntype Query {\n  me: User\n}'),
    subgraph('shop', 'type User @key(fields: "id") {\n  id: ID!\n  orders: Int\n}'),
  ]);
  expect(findings.length).toBeGreaterThan(0);
  expect(findings[0]).toMatchObject({
    message: expect.stringContaining('SATISFIABILITY_ERROR'),
    hint: expect.stringContaining('@key'),
  });
  expect(findings.every(({ file }) => file.startsWith('schema/subgraphs/'))).toBe(true);
});
