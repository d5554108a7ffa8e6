import { buildSchema, getNamedType, isAbstractType, isCompositeType } from 'graphql';
import type { GraphQLCompositeType, GraphQLSchema } from 'graphql';
import { compose, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestIssuer } from '../../testing/test-issuer.js';
import type { TestIssuer } from '../../testing/test-issuer.js';
import { startTestSubgraph } from '../../testing/test-subgraph.js';
import type { TestSubgraph } from '../../testing/test-subgraph.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@authenticated", "@requiresScopes", "@policy"])`;
/** Every value that is not open to a stranger says so. */
const CLOSED = 'CLOSED';
const FIRST = `${LINK}
type Query { node: Node nodes: [Node] any: [Any] a: A b: B vault: Vault guarded: A @authenticated }
interface Node { id: ID! secret: String next: Node }
interface Named { name: String }
type A implements Node & Named @key(fields: "id") {
  id: ID! name: String secret: String @requiresScopes(scopes: [["x"]]) next: Node hidden: Named @policy(policies: [["p"]])
}
type B implements Node & Named @key(fields: "id") { id: ID! name: String secret: String next: Node vault: Vault }
type Vault @authenticated { gold: String next: Node }
union Any = A | B | Vault
`;
const SECOND = `${LINK}
type A @key(fields: "id") { id: ID! open: String sealed: String @authenticated other: B }
type B @key(fields: "id") { id: ID! sealed: Stamp }
scalar Stamp @requiresScopes(scopes: [["y"]])
`;
/** Fields that are closed on every object. */
const NEVER_ASKED = /\b(sealed|gold|vault|hidden|guarded)\b/;
const OPERATIONS = 120;

let subgraphs: readonly TestSubgraph[] = [];
let issuer: TestIssuer;
let gateway: TestGateway;
let schema: GraphQLSchema;

const A = { __typename: 'A', id: 'a', name: 'open' };
const B = { __typename: 'B', id: 'b', name: 'open' };
const VAULT = { __typename: 'Vault', gold: CLOSED };
const typeOf = { __resolveType: ({ __typename }: { readonly __typename: string }) => __typename };

beforeAll(async () => {
  const object = { secret: () => CLOSED, next: ({ id }: { readonly id: string }) => (id === 'a' ? B : A) };
  subgraphs = [
    await startTestSubgraph({
      name: 'first',
      sdl: FIRST,
      resolvers: {
        Query: {
          node: () => A,
          nodes: () => [A, B],
          any: () => [A, VAULT, B],
          a: () => A,
          b: () => B,
          vault: () => VAULT,
          guarded: () => ({ ...A, name: CLOSED }),
        },
        Node: typeOf,
        Named: typeOf,
        Any: typeOf,
        A: { ...object, hidden: () => ({ ...B, name: CLOSED }) },
        // What stands beside a secret that one object guards and another does not is open on that object.
        B: { ...object, secret: () => 'open', vault: () => VAULT },
        Vault: { next: () => B },
      },
    }),
    await startTestSubgraph({
      name: 'second',
      sdl: SECOND,
      resolvers: {
        A: { open: () => 'open', sealed: () => CLOSED, other: () => ({ id: 'b' }) },
        B: { sealed: () => CLOSED },
      },
    }),
  ];
  const sdl = await compose(subgraphs);
  schema = buildSchema(sdl, { assumeValidSDL: true });
  issuer = await startTestIssuer();
  gateway = await startTestGateway({
    supergraph: { sdl },
    tokens: issuer.rules,
    limits: {
      tokens: 100_000,
      depth: 30,
      aliases: 5_000,
      rootFields: 100,
      selections: 5_000,
      directives: 5_000,
      nodes: 1e9,
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([issuer.stop(), ...subgraphs.map((subgraph) => subgraph.stop())]);
});

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, the numbers of Numerical Recipes. */
function createRandom(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A valid operation that goes everywhere: aliases, fragments of every kind on every type that overlaps, conditions. */
function createOperation(random: (below: number) => number): string {
  const fragments: string[] = [];
  let names = 0;
  const overlapping = (type: GraphQLCompositeType): GraphQLCompositeType[] =>
    Object.values(schema.getTypeMap()).filter(
      (other): other is GraphQLCompositeType =>
        isCompositeType(other) &&
        !other.name.startsWith('_') &&
        objectsOf(other).some((one) => objectsOf(type).includes(one)),
    );
  const select = (type: GraphQLCompositeType, depth: number): string => {
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    const parts = ['__typename'];
    for (let count = 1 + random(3); count > 0 && fields.length > 0; count -= 1) {
      const field = fields[random(fields.length)];
      const inner = field && getNamedType(field.type);
      if (field === undefined || (isCompositeType(inner) && depth === 0)) continue;
      const alias = random(2) === 0 ? '' : `k${(names += 1)}: `;
      const condition = random(4) === 0 ? ' @include(if: true)' : '';
      parts.push(`${alias}${field.name}${condition}${isCompositeType(inner) ? ` ${select(inner, depth - 1)}` : ''}`);
    }
    for (let count = random(3); count > 0 && depth > 0; count -= 1) {
      const types = overlapping(type);
      const condition = types[random(types.length)] ?? type;
      const body = select(condition, depth - 1);
      if (random(2) === 0) parts.push(`... on ${condition.name} ${body}`);
      else {
        fragments.push(`fragment F${fragments.length} on ${condition.name} ${body}`);
        parts.push(`...F${fragments.length - 1}`);
      }
    }
    return `{ ${parts.join(' ')} }`;
  };
  const query = schema.getQueryType();
  if (query === null || query === undefined) throw new Error('no query type');
  return `query ${select(query, 4)} ${fragments.join(' ')}`;
}

function objectsOf(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
}

test('of many operations none shows a stranger what is closed, nor asks a subgraph for it', async () => {
  const seed = Number(process.env['ORION_TEST_SEED'] ?? Date.now() % 2 ** 31);
  const random = createRandom(seed);
  const token = await issuer.token({ claims: { scope: 'x y', policies: ['p'] } });
  let refused = 0;
  let shown = 0;
  for (let index = 0; index < OPERATIONS; index += 1) {
    const query = createOperation(random);
    const context = `ORION_TEST_SEED=${seed}, operation ${index}: ${query}`;
    for (const { requests } of subgraphs) requests.length = 0;
    const stranger = await gateway.ask(query);
    const asked = subgraphs.flatMap(({ requests }) => requests.map(({ body }) => body)).join('');
    const codes = new Set(stranger.errors?.map(({ extensions }) => extensions['code']));
    // Two fragments may select different things under one key: that is the generator's fault, and nobody's leak.
    if (codes.has('GRAPHQL_VALIDATION_FAILED')) continue;
    codes.delete('UNAUTHORIZED_FIELD_OR_TYPE');
    expect({
      context,
      leaks: JSON.stringify(stranger.data ?? null).includes(CLOSED),
      asked: NEVER_ASKED.exec(asked)?.[0],
      codes: [...codes],
    }).toEqual({
      context,
      leaks: false,
      asked: undefined,
      codes: [],
    });
    if (stranger.errors !== undefined) refused += 1;
    const member = await gateway.ask(query, { headers: { authorization: `Bearer ${token}` } });
    expect({ context, errors: member.errors }).toEqual({ context, errors: undefined });
    if (JSON.stringify(member.data).includes(CLOSED)) shown += 1;
  }
  // Otherwise there was nothing to leak.
  expect(refused).toBeGreaterThan(OPERATIONS / 10);
  expect(shown).toBeGreaterThan(OPERATIONS / 10);
}, 120_000);
