import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';
import type { TestSubgraph } from '../testing/test-subgraph.js';

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@listSize", { name: "@cost", as: "@price" }])
type Query {
  cheap: Int
  report(rows: Int @price(weight: 5)): Report
  books(first: Int, last: Int): BookPage @listSize(slicingArguments: ["first", "last"], sizedFields: ["items"])
}
type Report @price(weight: 60) { total: Int }
type BookPage { items: [Book!] }
type Book @key(fields: "id") { id: ID! }
type Mutation { write: Int @price(weight: 100) }
`;

let subgraph: TestSubgraph;
let gateway: TestGateway;

beforeAll(async () => {
  subgraph = await startTestSubgraph({
    name: 'library',
    sdl: SDL,
    resolvers: {
      Query: { cheap: () => 1, report: () => ({ total: 1 }), books: () => ({ items: [{ id: '1' }] }) },
      Mutation: { write: () => 1 },
    },
  });
  gateway = await startTestGateway({
    supergraph: { sdl: await compose([subgraph]) },
    limits: { nodes: 10_000, cost: 100 },
  });
});

afterAll(async () => {
  await gateway.stop();
  await subgraph.stop();
});

const PAGED = 'query ($n: Int) { books(first: $n) { items { id } } }';

test('what weighs too much is refused, told why, and reaches no subgraph', async () => {
  expect((await gateway.ask('{ report { total } }')).data).toEqual({ report: { total: 1 } });
  const before = subgraph.requests.length;
  for (const query of ['{ report { total } again: report { total } }', 'mutation { write }']) {
    const { status, errors } = await gateway.ask(query);
    expect(status).toBe(400);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/may cost 1[12]0, allowed is 100/) as string,
      extensions: { code: 'COST_LIMIT_EXCEEDED' },
    });
  }
  expect(subgraph.requests.length).toBe(before);
});

test('the same document is judged by its variables each time, and by none when it has none', async () => {
  for (let round = 0; round < 2; round += 1) {
    expect((await gateway.ask(PAGED, { variables: { n: 5 } })).errors).toBeUndefined();
    expect((await gateway.ask(PAGED, { variables: { n: 500 } })).errors?.[0]?.extensions['code']).toBe(
      'COST_LIMIT_EXCEEDED',
    );
    expect((await gateway.ask('{ books(first: 200) { items { id } } }')).status).toBe(400);
    expect((await gateway.ask('{ cheap }')).data).toEqual({ cheap: 1 });
  }
});

test('a page without a size, or with two, is refused where exactly one is required', async () => {
  for (const query of ['{ books { items { id } } }', '{ books(first: 1, last: 1) { items { id } } }']) {
    const { status, errors } = await gateway.ask(query);
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions['code']).toBe('SLICING_ARGUMENT_REQUIRED');
  }
});

test('a WebSocket is no way around', async () => {
  const client = connectClient(gateway.socketUrl);
  await expect(client.ask('mutation { write }')).rejects.toMatchObject([
    { extensions: { code: 'COST_LIMIT_EXCEEDED' } },
  ]);
  await client.close();
});
