import { testViewer } from '@orion/platform/testing';
import { buildSchema, getOperationAST, parse, print } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { composeSupergraph } from '../supergraph/compose.js';
import { createAuthorization } from './authorization.js';
import type { Authorization, Demand, EvaluatePolicies } from './authorization.js';
import { anonymousCaller } from './caller.js';
import type { Caller } from './caller.js';

const BODY = `
type Query {
  open: String
  me: User
  item: Item
  any: Any
  list: [A!]!
  sealed: Sealed
  level: Level
  own: String @policy(policies: [["owner", "adult"], ["admin"]])
  node(id: ID): Node
  impossible: String @requiresScopes(scopes: [])
}
type Mutation { open: String close(id: ID!): String @requiresScopes(scopes: [["write"]]) }
interface Node { id: ID! }
type Plain implements Node { id: ID! }
interface Item { id: ID! secret: String }
type A implements Item @key(fields: "id") { id: ID! secret: String @authenticated x: Int @requiresScopes(scopes: [["a", "b"], ["c"]]) }
type B implements Item { id: ID! secret: String @requiresScopes(scopes: [["s"]]) }
type Closed @authenticated { id: ID! }
union Any = A | Closed
scalar Sealed @authenticated
enum Level @requiresScopes(scopes: [["e"]]) { LOW HIGH }
type User @key(fields: "id") { id: ID! name: String email(format: String): String @requiresScopes(scopes: [["email"]]) friend: User @authenticated }
`;
const NAMES = '"@key", "@authenticated", "@requiresScopes", "@policy"';

async function compose(body: string, names = NAMES): Promise<GraphQLSchema> {
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${names}]) ${body}`;
  return buildSchema(await composeSupergraph([{ name: 'one', url: 'http://one', sdl, origin: 'one' }]), {
    assumeValidSDL: true,
  });
}

const STRANGER = anonymousCaller({ requestId: 'r', clientIp: null, userAgent: null });
const member = (grants: Partial<Pick<Caller, 'scopes' | 'policies'>> = {}): Caller => ({
  ...STRANGER,
  origin: {
    ...STRANGER.origin,
    viewer: testViewer(),
  },
  ...grants,
});

function pruned(authorization: Authorization, query: string, caller: Caller) {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (operation === null || operation === undefined) throw new Error('no operation');
  const unmet = authorization.demandsOf(operation, document).filter((demand) => !authorization.isMet(demand, caller));
  const result = authorization.prune(operation, unmet);
  return {
    text: result.operation === null ? null : print(result.operation).replaceAll(/\s+/g, ' '),
    paths: result.errors.map((error) => error.path?.join('.')),
    codes: new Set(result.errors.map((error) => error.extensions['code'])),
  };
}

let authorization: Authorization;
beforeAll(async () => {
  authorization = createAuthorization(await compose(BODY));
});

const kept = (query: string, caller: Caller = STRANGER) => pruned(authorization, query, caller);

test('what is public demands nothing and stays as it is', () => {
  const document = parse('{ open node { id } __typename __schema { types { name } } }');
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('no operation');
  expect(authorization.demandsOf(operation, document)).toEqual([]);
  expect(authorization.prune(operation, [])).toEqual({ operation, errors: [] });
});

test.each<[string, string, string | null, string[]]>([
  ['a field', '{ open me { id email } }', '{ open me { id } }', ['me.email']],
  ['a field under an alias', '{ open a: me { b: email id } }', '{ open a: me { id } }', ['a.b']],
  ['a field of which nothing is left', '{ open me { email friend { id } } }', '{ open }', ['me.email', 'me.friend']],
  ['everything', '{ me { email } }', null, ['me.email']],
  ['a scalar', '{ open sealed }', '{ open }', ['sealed']],
  ['an enum', '{ open level }', '{ open }', ['level']],
  ['a field in a list', '{ list { id secret x } }', '{ list { id } }', ['list.secret', 'list.x']],
  ['a field of a mutation', 'mutation { close(id: 1) open }', 'mutation { open }', ['close']],
  ['what no scopes can open', '{ open impossible }', '{ open }', ['impossible']],
  ['an interface field that one object guards', '{ item { id secret } }', '{ item { id } }', ['item.secret']],
  [
    'a field of one object in a fragment',
    '{ item { id ... on A { secret } ... on B { id } } }',
    '{ item { id ... on B { id } } }',
    ['item.secret'],
  ],
  [
    'the fields of a closed object in a union',
    '{ any { __typename ... on Closed { __typename id } ... on A { id } } }',
    '{ any { __typename ... on A { id } } }',
    ['any.id'],
  ],
  ['the name of a closed type', '{ open any { ... on Closed { __typename } } }', '{ open }', ['any.__typename']],
  ['the same key twice once', '{ open me { email } me { id email } }', '{ open me { id } }', ['me.email']],
])('takes %s away from a stranger', (_what, query, text, paths) => {
  const result = kept(query);
  expect(result.text).toBe(text);
  expect(result.paths).toEqual(paths);
  expect(result.codes).toEqual(new Set(['UNAUTHORIZED_FIELD_OR_TYPE']));
});

test('variables go with their last use', () => {
  const query = 'query ($f: String, $i: ID) { node(id: $i) { id } me { id email(format: $f) } }';
  expect(kept(query).text).toBe('query ($i: ID) { node(id: $i) { id } me { id } }');
  expect(kept(query, member({ scopes: ['email'] })).paths).toEqual([]);
});

test('of scopes one group is enough, and all of it', () => {
  const query = '{ list { id x } }';
  const paths = (scopes: string[]) => kept(query, member({ scopes })).paths;
  expect(paths([])).toEqual(['list.x']);
  expect(paths(['a'])).toEqual(['list.x']);
  expect(paths(['b', 'a'])).toEqual([]);
  expect(paths(['c'])).toEqual([]);
});

test('an interface field is open to who may read it of every object', () => {
  expect(kept('{ item { secret } }', member()).paths).toEqual(['item.secret']);
  expect(kept('{ item { secret } }', { ...STRANGER, scopes: ['s'] }).paths).toEqual(['item.secret']);
  expect(kept('{ item { secret } }', member({ scopes: ['s'] })).paths).toEqual([]);
  expect(kept('{ item { ... on A { secret } } }', member()).paths).toEqual([]);
});

test('policies are those of the token and those that the embedder grants', async () => {
  const asked: (readonly string[])[] = [];
  const evaluatePolicies: EvaluatePolicies = (names) => {
    asked.push(names);
    return Promise.resolve(new Set(['owner', 'unasked']));
  };
  const withHook = createAuthorization(await compose(BODY), { evaluatePolicies });
  const document = parse('{ own }');
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('no operation');
  const demands = withHook.demandsOf(operation, document);
  const isMet = async (caller: Caller): Promise<boolean> => {
    const evaluated = await withHook.evaluate(demands, caller);
    return demands.every((demand) => withHook.isMet(demand, evaluated));
  };
  expect(await isMet(STRANGER)).toBe(false);
  expect(await isMet(member({ policies: ['adult'] }))).toBe(true);
  expect(asked).toEqual([
    ['owner', 'adult', 'admin'],
    ['owner', 'admin'],
  ]);
  expect((await withHook.evaluate(demands, STRANGER)).policies).toEqual(['owner']);
  expect(kept('{ own }', member({ policies: ['admin'] })).paths).toEqual([]);
  expect(kept('{ own }', member({ policies: ['owner'] })).paths).toEqual(['own']);
});

test('demands are found behind named fragments as well, each once', () => {
  const document = parse(
    '{ me { ...F } again: me { ...F } } fragment F on User { email friend { id ...G } } fragment G on User { friend { id } }',
  );
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('no operation');
  expect(authorization.demandsOf(operation, document)).toEqual<Demand[]>([
    { kind: 'scopes', anyOf: [['email']] },
    { kind: 'authenticated', anyOf: [] },
  ]);
});

test('renamed directives count, whether imported under another name or prefixed', async () => {
  const imported = createAuthorization(
    await compose(
      'type Query { open: Int a: Int @locked b: Int @needs(scopes: [["x"]]) }',
      '{ name: "@authenticated", as: "@locked" }, { name: "@requiresScopes", as: "@needs" }',
    ),
  );
  expect(pruned(imported, '{ open a b }', STRANGER).paths).toEqual(['a', 'b']);
  const prefixed = createAuthorization(
    buildSchema(
      `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "auth", for: SECURITY)
        @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "s", import: ["@requiresScopes"]) { query: Query }
      directive @auth on FIELD_DEFINITION directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION directive @authenticated on FIELD_DEFINITION
      directive @link(url: String, as: String, for: String, import: [String]) repeatable on SCHEMA
      type Query { open: Int @authenticated a: Int @auth b: Int @requiresScopes(scopes: [["x"]]) }`,
      { assumeValidSDL: true },
    ),
  );
  expect(pruned(prefixed, '{ open a b }', STRANGER).paths).toEqual(['a', 'b']);
});

test('a directive of the same name that is known to be another feature demands nothing', () => {
  const foreign = createAuthorization(
    buildSchema(
      `schema @link(url: "https://example.com/mine/v1.0", import: ["@authenticated"]) { query: Query }
      directive @authenticated on FIELD_DEFINITION
      type Query { a: Int @authenticated }`,
      { assumeValidSDL: true },
    ),
  );
  expect(pruned(foreign, '{ a }', STRANGER).paths).toEqual([]);
});
