import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';
import type { TestSubgraph } from '../testing/test-subgraph.js';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
const COUNT = 2_345;
const ids = Array.from({ length: COUNT }, (_, index) => `u${index}`);

let people: TestSubgraph;
let scores: TestSubgraph;
let gateway: TestGateway;

beforeAll(async () => {
  people = await startTestSubgraph({
    name: 'people',
    sdl: `${LINK} type Query { people: [User!]! } type User @key(fields: "id") { id: ID! }`,
    resolvers: { Query: { people: () => ids.map((id) => ({ id })) } },
  });
  scores = await startTestSubgraph({
    name: 'scores',
    sdl: `${LINK} type Query { top: Int } type User @key(fields: "id") { id: ID! score: String }`,
    resolvers: {
      User: {
        __resolveReference: (reference: { readonly id: string }) => reference,
        score: ({ id }: { readonly id: string }) => {
          if (id === 'u2222') throw new Error('no score');
          return `score of ${id}`;
        },
      },
    },
  });
  gateway = await startTestGateway({ supergraph: { sdl: await compose([people, scores]) } });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([people.stop(), scores.stop()]);
});

test('entities are asked for a thousand at a time, and each answer and error finds its place', async () => {
  const { data, errors } = await gateway.ask('{ people { id score } }');
  expect(data?.['people']).toEqual(ids.map((id) => ({ id, score: id === 'u2222' ? null : `score of ${id}` })));
  expect(errors?.map(({ path }) => path)).toEqual([['people', 2222, 'score']]);
  const sizes = scores.requests.map(
    ({ body }) => (JSON.parse(body) as { variables: { representations: unknown[] } }).variables.representations.length,
  );
  expect(sizes.toSorted((a, b) => b - a)).toEqual([1_000, 1_000, 345]);
});
