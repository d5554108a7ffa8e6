import { createHash } from 'node:crypto';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';
import type { TestSubgraph } from '../testing/test-subgraph.js';

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { people(first: Int! = 20): PersonPage! }
type Mutation { touch(first: Int! = 20): PersonPage! }
type Subscription { born(first: Int! = 20): PersonPage! }
type PersonPage { nodes: [Person!]! }
type Person @key(fields: "id") { id: ID! people(first: Int! = 20): PersonPage! }
`;
const PAGE = { nodes: [{ id: '1' }] };
const NESTED = 'query ($n: Int! = 100) { people(first: $n) { nodes { people(first: 100) { nodes { id } } } } }';
const SMALL = { n: 2 };

let subgraph: TestSubgraph;
let gateway: TestGateway;

beforeAll(async () => {
  subgraph = await startTestSubgraph({
    name: 'people',
    sdl: SDL,
    resolvers: { Query: { people: () => PAGE }, Mutation: { touch: () => PAGE }, Person: { people: () => PAGE } },
  });
  gateway = await startTestGateway({ supergraph: { sdl: await compose([subgraph]) }, limits: { nodes: 1_000 } });
});

afterAll(async () => {
  await gateway.stop();
  await subgraph.stop();
});

test('over HTTP the estimate, the limit and what to do are told, and nothing is executed', async () => {
  const before = subgraph.requests.length;
  const { status, errors, data } = await gateway.ask(NESTED);
  expect(status).toBe(400);
  expect(data).toBeUndefined();
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(/10202 fields, allowed are 1000.*smaller pages/) as string,
    extensions: { code: 'COST_LIMIT_EXCEEDED', requestId: expect.any(String) as string },
  });
  expect(errors?.[0]?.extensions['http']).toBeUndefined();
  expect(subgraph.requests.length).toBe(before);
});

test('the same document passes with small pages and fails with large ones, whatever was asked before', async () => {
  expect((await gateway.ask(NESTED, { variables: SMALL })).errors).toBeUndefined();
  expect((await gateway.ask(NESTED, { variables: { n: 90 } })).status).toBe(400);
  expect((await gateway.ask(NESTED, { variables: SMALL })).errors).toBeUndefined();
});

test('mutations are measured as well', async () => {
  const { errors } = await gateway.ask(`mutation { touch(first: 100) { nodes { people { nodes { id } } } } }`);
  expect(errors?.[0]?.extensions['code']).toBe('COST_LIMIT_EXCEEDED');
});

test('neither GET nor a persisted query goes around it', async () => {
  const extensions = JSON.stringify({
    persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(NESTED).digest('hex') },
  });
  const ask = async (parameters: Record<string, string>): Promise<string> =>
    (await fetch(`${gateway.endpoint}?${String(new URLSearchParams(parameters))}`)).text();
  expect(await ask({ query: NESTED })).toContain('COST_LIMIT_EXCEEDED');
  expect(await ask({ query: NESTED, extensions, variables: JSON.stringify(SMALL) })).toContain('"nodes"');
  expect(await ask({ extensions, variables: JSON.stringify(SMALL) })).toContain('"nodes"');
  expect(await ask({ extensions })).toContain('COST_LIMIT_EXCEEDED');
});

test('nor a WebSocket, for queries and for subscriptions', async () => {
  const client = connectClient(gateway.socketUrl);
  const refused = [expect.objectContaining({ extensions: expect.objectContaining({ code: 'COST_LIMIT_EXCEEDED' }) })];
  await expect(client.ask(NESTED)).rejects.toEqual(refused);
  await expect(
    client.subscribe('subscription { born(first: 100) { nodes { people { nodes { id } } } } }').done,
  ).rejects.toEqual(refused);
  expect((await client.ask(NESTED, SMALL)).data).toBeDefined();
  await client.close();
});

test('nor an event stream', async () => {
  const ask = async (variables: object): Promise<string> => {
    const response = await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: NESTED, variables }),
    });
    return response.text();
  };
  expect(await ask({})).toContain('COST_LIMIT_EXCEEDED');
  expect(await ask(SMALL)).toContain('"nodes"');
});

test("Apollo's complaint about a persisted query is the client's fault, in production as well", async () => {
  const production = await startTestGateway({ supergraph: { sdl: await compose([subgraph]) }, production: true });
  try {
    const response = await fetch(production.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ people { nodes { id } } }',
        extensions: { persistedQuery: { version: 1, sha256Hash: 'f'.repeat(64) } },
      }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: 'provided sha does not match query', extensions: { code: 'BAD_REQUEST' } }],
    });
  } finally {
    await production.stop();
  }
});
