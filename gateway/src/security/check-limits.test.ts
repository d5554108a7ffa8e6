import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';

let graph: TestGraph;
let gateway: TestGateway;

beforeAll(async () => {
  graph = await startTestGraph();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    limits: { tokens: 1_000, depth: 5, aliases: 10, rootFields: 4, selections: 60, directives: 6 },
  });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
});

const repeat = (times: number, make: (index: number) => string): string =>
  Array.from({ length: times }, (_, index) => make(index)).join(' ');

/** Six fragments that each use the next one twice: 2^6 fields in a few lines. */
const BOMB = `{ me { ...F0 } } ${repeat(6, (index) => `fragment F${index} on User { ${index === 5 ? 'id name' : `...F${index + 1} friends { ...F${index + 1} }`} }`)}`;

test.each([
  ['a thousand tokens', `{ me { ${repeat(1_001, () => 'id')} } }`, 'GRAPHQL_PARSE_FAILED'],
  ['too much depth', '{ me { friends { friends { friends { friends { id } } } } } }', 'DEPTH_LIMIT_EXCEEDED'],
  [
    'depth hidden in fragments',
    '{ me { ...A } } fragment A on User { friends { ...B } } fragment B on User { friends { friends { friends { id } } } }',
    'DEPTH_LIMIT_EXCEEDED',
  ],
  ['aliases', `{ me { ${repeat(11, (index) => `a${index}: id`)} } }`, 'ALIAS_LIMIT_EXCEEDED'],
  ['root fields', `{ ${repeat(5, (index) => `a${index}: me { id }`)} }`, 'ROOT_FIELD_LIMIT_EXCEEDED'],
  ['a fragment bomb', BOMB, 'SELECTION_LIMIT_EXCEEDED'],
  ['directives', `{ me { ${repeat(7, () => 'id @skip(if: false)')} } }`, 'DIRECTIVE_LIMIT_EXCEEDED'],
  [
    'a second login under an alias',
    'mutation { a: login(password: "1") b: login(password: "2") }',
    'SENSITIVE_FIELD_REPEATED',
  ],
  [
    'logins hidden in a fragment',
    'mutation { login(password: "1") ...L } fragment L on Mutation { b: login(password: "2") }',
    'SENSITIVE_FIELD_REPEATED',
  ],
])('refuses %s before executing anything', async (_what, query, code) => {
  const before = graph.accounts.requests.length;
  const { status, errors, data } = await gateway.ask(query);
  expect(status).toBe(400);
  expect(data).toBeUndefined();
  expect(errors?.map((error) => error.extensions['code'])).toContain(code);
  expect(graph.accounts.requests.length).toBe(before);
});

test('serves what is within the limits', async () => {
  const { data, errors } = await gateway.ask('mutation { login(password: "1") }');
  expect(errors).toBeUndefined();
  expect(data).toEqual({ login: 'token' });
});

test('introspection is not too deep', async () => {
  const { errors } = await gateway.ask(
    '{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }',
  );
  expect(errors).toBeUndefined();
});
