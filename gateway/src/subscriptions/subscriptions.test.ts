import { CONTEXT_HEADER, verifyContext } from '@orion/platform/identity';
import { eventually } from '@orion/platform/testing';
import { connectClient } from '../testing/test-client.js';
import type { TestClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { TestGateway } from '../testing/test-gateway.js';
import { ACCOUNTS_SDL, accountsResolvers, startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';

const SECRET = 'a-secret-of-at-least-32-characters';
let graph: TestGraph;
let issuer: TestIssuer;
let gateway: TestGateway;
const clients: TestClient[] = [];

beforeAll(async () => {
  graph = await startTestGraph();
  issuer = await startTestIssuer();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    tokens: issuer.rules,
    contextSecret: SECRET,
  });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await eventually(() => gateway.gateway.openStreams() === 0 && graph.inbox.liveSubscriptions() === 0);
});

afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
  await graph.stop();
});

function connect(parameters?: Record<string, unknown>): TestClient {
  const client = connectClient(gateway.socketUrl, parameters);
  clients.push(client);
  return client;
}

/** Waits until the subgraph's side of the subscriptions is there: an event before that would be missed by design. */
async function live(count: number): Promise<void> {
  await eventually(() => graph.inbox.liveSubscriptions() === count);
}

test('an event is completed from another subgraph', async () => {
  const { results } = connect().subscribe('subscription { noted(topic: "a") { title actor { name } } }');
  await live(1);
  graph.publish('a', { id: 'n1', title: 'hello', actor: { id: '1' } });
  graph.publish('a', { id: 'n2', title: 'again', actor: { id: '2' } });
  await eventually(() => results.length === 2);
  expect(results).toEqual([
    { data: { noted: { title: 'hello', actor: { name: 'Ada' } } } },
    { data: { noted: { title: 'again', actor: { name: 'Grace' } } } },
  ]);
});

test('aliases, fragments, variables, nested conditions and abstract types come out as in a single server', async () => {
  const { results } = connect().subscribe(
    `subscription Items($topic: String!, $names: Boolean!) { it: item(topic: $topic) {
       __typename heading: title ... on Alarm { level } ...N } }
     fragment N on Note { who: actor { id label: name @include(if: $names) } actors { name } }`,
    { topic: 'b', names: true },
  );
  await live(1);
  graph.publish('b', {
    __typename: 'Note',
    id: 'n1',
    title: 't',
    actor: { id: '1' },
    actors: [{ id: '2' }, { id: '1' }, { id: '2' }],
  });
  graph.publish('b', { __typename: 'Alarm', id: 'a1', title: 'fire', level: 3 });
  await eventually(() => results.length === 2);
  expect(results).toEqual([
    {
      data: {
        it: {
          __typename: 'Note',
          heading: 't',
          who: { id: '1', label: 'Ada' },
          actors: [{ name: 'Grace' }, { name: 'Ada' }, { name: 'Grace' }],
        },
      },
    },
    { data: { it: { __typename: 'Alarm', heading: 'fire', level: 3 } } },
  ]);
});

test('a condition on the root field itself is decided before planning', async () => {
  const client = connect();
  const on = client.subscribe('subscription ($on: Boolean!) { noted(topic: "c") @include(if: $on) { title } }', {
    on: true,
  });
  await live(1);
  graph.publish('c', { id: 'n1', title: 'yes' });
  await eventually(() => on.results.length === 1);
  const off = client.subscribe('subscription ($on: Boolean!) { noted(topic: "c") @include(if: $on) { title } }', {
    on: false,
  });
  await expect(off.done).rejects.toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('a null where none may be bubbles up, with the path; the next event is untouched by it', async () => {
  const { results } = connect().subscribe('subscription { noted(topic: "d") { title actors { name } } }');
  await live(1);
  graph.publish('d', { id: 'n1', title: 'bad', actors: [{ id: '1' }, { id: 'nameless' }] });
  graph.publish('d', { id: 'n2', title: 'good', actors: [{ id: '1' }] });
  await eventually(() => results.length === 2);
  expect(results[0]).toMatchObject({ data: { noted: null }, errors: [{ path: ['noted', 'actors', 1, 'name'] }] });
  expect(results[1]).toEqual({ data: { noted: { title: 'good', actors: [{ name: 'Ada' }] } } });
});

test('an error of the stream keeps its path and says which subgraph', async () => {
  const { results } = connect().subscribe('subscription { brokenNote(topic: "e") { title } }');
  await live(1);
  graph.publish('e', { id: 'n1', title: 't' });
  await eventually(() => results.length === 1);
  expect(results[0]).toMatchObject({
    data: { brokenNote: null },
    errors: [{ path: ['brokenNote'], extensions: { serviceName: 'inbox' } }],
  });
});

test('equal subscriptions share one upstream and one completion of each event', async () => {
  const query = 'subscription S($topic: String!) { noted(topic: $topic) { actor { name } } }';
  const first = connect().subscribe(query, { topic: 'f' });
  const second = connect().subscribe(query, { topic: 'f' });
  const other = connect().subscribe(query, { topic: 'f2' });
  await live(2);
  expect(gateway.gateway.openStreams()).toBe(2);
  graph.accounts.requests.length = 0;
  graph.publish('f', { id: 'n1', title: 't', actor: { id: '1' } });
  await eventually(() => first.results.length === 1 && second.results.length === 1);
  expect(second.results).toEqual(first.results);
  expect(graph.accounts.requests).toHaveLength(1);
  expect(other.results).toHaveLength(0);
  first.stop();
  graph.publish('f', { id: 'n2', title: 't', actor: { id: '1' } });
  await eventually(() => second.results.length === 2);
  expect(first.results).toHaveLength(1);
});

test('two people never share a stream, and each is stated upstream', async () => {
  graph.inbox.connections.length = 0;
  const query = 'subscription { noted(topic: "g") { actor { name } } }';
  const tokens = await Promise.all(
    ['u1', 'u2'].map((sub) => issuer.token({ claims: { sub, sid: `session-of-${sub}` } })),
  );
  const streams = tokens.map((token) => connect({ Authorization: `Bearer ${token}` }).subscribe(query));
  await live(2);
  const origins = await Promise.all(
    graph.inbox.connections.map((parameters) =>
      verifyContext(parameters?.[CONTEXT_HEADER] as string, { secret: SECRET, audience: 'inbox', body: '' }),
    ),
  );
  expect(origins.map(({ viewer }) => String(viewer?.userId)).toSorted()).toEqual(['u1', 'u2']);
  graph.accounts.requests.length = 0;
  graph.publish('g', { id: 'n1', title: 't', actor: { id: '1' } });
  await eventually(() => streams.every(({ results }) => results.length === 1));
  const callers = await Promise.all(
    graph.accounts.requests.map(({ headers, body }) =>
      verifyContext(headers[CONTEXT_HEADER] as string, { secret: SECRET, audience: 'accounts', body }),
    ),
  );
  expect(callers.map(({ viewer }) => String(viewer?.userId)).toSorted()).toEqual(['u1', 'u2']);
});

test('queries and mutations travel over the same socket', async () => {
  const client = connect();
  expect(await client.ask('query ($id: ID!) { user(id: $id) { name } }', { id: '2' })).toEqual({
    data: { user: { name: 'Grace' } },
  });
  expect(await client.ask('mutation { login(password: "x") }')).toEqual({ data: { login: 'token' } });
  const failed = await client.ask('{ failsWithCode }');
  expect(failed).toMatchObject({
    data: { failsWithCode: null },
    errors: [{ message: 'You may not.', extensions: { code: 'FORBIDDEN' } }],
  });
});

test.each([
  ['{ nope }', 'GRAPHQL_VALIDATION_FAILED'],
  ['{ me {', 'GRAPHQL_PARSE_FAILED'],
  ['mutation { a: login(password: "1") b: login(password: "2") }', 'SENSITIVE_FIELD_REPEATED'],
  ['subscription { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
])('%s is refused on the socket by the same rules', async (query, code) => {
  const client = connect();
  await expect(client.subscribe(query).done).rejects.toMatchObject([
    { extensions: { code, requestId: expect.any(String) as string } },
  ]);
});

test('the end of the stream at the subgraph completes the client', async () => {
  const { results, done } = connect().subscribe('subscription { noted(topic: "h") { actor { name } } }');
  await live(1);
  graph.publish('h', { id: 'n1', title: 't', actor: { id: '1' } });
  graph.finish('h');
  await done;
  expect(results).toHaveLength(1);
});

test('a subgraph that is down for the completion costs that part of the event', async () => {
  const accounts = await startTestSubgraph({ name: 'accounts', sdl: ACCOUNTS_SDL, resolvers: accountsResolvers });
  const other = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    subgraphUrls: { accounts: accounts.url },
  });
  const client = connectClient(other.socketUrl);
  const { results } = client.subscribe('subscription { noted(topic: "i") { title actor { nickname } } }');
  await live(1);
  await accounts.stop();
  graph.publish('i', { id: 'n1', title: 't', actor: { id: '1' } });
  await eventually(() => results.length === 1);
  expect(results[0]).toMatchObject({
    data: { noted: { title: 't', actor: { nickname: null } } },
    errors: [{ path: ['noted', 'actor'], extensions: { code: 'SUBREQUEST_HTTP_ERROR', serviceName: 'accounts' } }],
  });
  await client.close();
  await other.stop();
});

test('a lost upstream is connected again, and the client is told that there was a gap', async () => {
  const inbox = await startTestGraph();
  const other = await startTestGateway({ supergraph: { sdl: await compose(inbox.subgraphs) } });
  const client = connectClient(other.socketUrl);
  const { results } = client.subscribe('subscription { noted(topic: "j") { title } }');
  await eventually(() => inbox.inbox.liveSubscriptions() === 1);
  const { port, sdl } = inbox.inbox;
  await inbox.inbox.stop();
  const topics: ((note: unknown) => void)[] = [];
  const revived = await startTestSubgraph({
    name: 'inbox',
    sdl,
    port,
    resolvers: {
      Item: { __resolveType: () => 'Note' },
      Subscription: {
        noted: {
          subscribe: async function* () {
            yield { id: 'n1', title: await new Promise<unknown>((resolve) => topics.push(resolve)) };
          },
          resolve: (note: unknown) => note,
        },
      },
    },
  });
  await eventually(() => topics.length === 1);
  topics[0]?.('after the restart');
  await eventually(() => results.length === 1);
  expect(results).toEqual([{ data: { noted: { title: 'after the restart' } }, extensions: { gap: true } }]);
  await client.close();
  await other.stop();
  await revived.stop();
  await inbox.accounts.stop();
});
