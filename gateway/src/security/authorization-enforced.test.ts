import { eventually } from '@orion/platform/testing';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import type { Answer, TestGateway } from '../testing/test-gateway.js';
import { startTestIssuer } from '../testing/test-issuer.js';
import type { TestIssuer } from '../testing/test-issuer.js';
import { startTestSubgraph } from '../testing/test-subgraph.js';
import type { TestSubgraph } from '../testing/test-subgraph.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires", "@authenticated", "@requiresScopes", "@policy"])`;
const PEOPLE = `${LINK}
type Query { open: String me: User! maybe: User people: [User!]! items: [Item!]! stamp: Stamp level: Level sealed: [Sealed!] }
type Mutation { ping: String rename(name: String!): User @authenticated }
type Subscription { ticked: Tick! guarded: Tick @requiresScopes(scopes: [["tick"]]) }
type Tick { n: Int hidden: Int @requiresScopes(scopes: [["tick"]]) }
type User @key(fields: "id") {
  id: ID! name: String
  email: String @requiresScopes(scopes: [["email", "profile"], ["admin"]])
  salary: Int! @policy(policies: [["hr"]])
  friend: User
}
interface Item { id: ID! price: Int }
type Book implements Item { id: ID! price: Int @requiresScopes(scopes: [["price"]]) }
type Pen implements Item { id: ID! price: Int }
scalar Stamp @authenticated
enum Level @requiresScopes(scopes: [["level"]]) { LOW }
type Sealed @authenticated { id: ID! }
`;
const REVIEWS = `${LINK}
type User @key(fields: "id") { id: ID! reviews: [Review!] @authenticated }
type Review { text: String score: Int @requiresScopes(scopes: [["score"]]) }
`;
const ADA = { id: '1', name: 'Ada', email: 'ada@example.com', salary: 7 };
const GRACE = { id: '2', name: 'Grace', email: 'grace@example.com', salary: 9, friend: ADA };

let people: TestSubgraph;
let reviews: TestSubgraph;
let issuer: TestIssuer;
let gateway: TestGateway;
const asked: { readonly names: readonly string[]; readonly userId: string | undefined }[] = [];

async function* ticks() {
  yield { n: 1, hidden: 10 };
  yield { n: 2, hidden: 20 };
}

beforeAll(async () => {
  people = await startTestSubgraph({
    name: 'people',
    sdl: PEOPLE,
    resolvers: {
      Query: {
        open: () => 'open',
        me: () => GRACE,
        maybe: () => GRACE,
        people: () => [ADA, GRACE],
        items: () => [
          { __typename: 'Book', id: 'b', price: 1 },
          { __typename: 'Pen', id: 'p', price: 2 },
        ],
        stamp: () => 'now',
        level: () => 'LOW',
        sealed: () => [{ id: 's' }],
      },
      Item: { __resolveType: ({ __typename }: { readonly __typename: string }) => __typename },
      Mutation: { ping: () => 'pong', rename: (_: unknown, { name }: { readonly name: string }) => ({ ...ADA, name }) },
      Subscription: {
        ticked: { subscribe: ticks, resolve: (tick: unknown) => tick },
        guarded: { subscribe: ticks, resolve: (tick: unknown) => tick },
      },
    },
  });
  reviews = await startTestSubgraph({
    name: 'reviews',
    sdl: REVIEWS,
    resolvers: { User: { reviews: () => [{ text: 'fine', score: 5 }] } },
  });
  issuer = await startTestIssuer();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose([people, reviews]) },
    tokens: issuer.rules,
    evaluatePolicies: (names, caller) => {
      asked.push({ names, userId: caller.origin.viewer?.userId });
      return Promise.resolve(new Set(caller.origin.viewer?.permissions.includes('hr') === true ? ['hr'] : []));
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([issuer.stop(), people.stop(), reviews.stop()]);
});

async function bearer(claims: Readonly<Record<string, unknown>>): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await issuer.token({ claims })}` };
}

const ask = async (query: string, claims?: Readonly<Record<string, unknown>>): Promise<Answer> =>
  gateway.ask(query, claims === undefined ? {} : { headers: await bearer(claims) });

/** Paths of what was refused; nothing else may have gone wrong. */
function refusedPaths({ errors }: Answer): string[] {
  return (errors ?? []).map(({ path, extensions }) => {
    expect(extensions['code']).toBe('UNAUTHORIZED_FIELD_OR_TYPE');
    return path?.join('.') ?? '';
  });
}

/** What the subgraphs were asked while `step` ran. */
async function asksDuring(step: () => Promise<unknown>): Promise<string[]> {
  const before = [people.requests.length, reviews.requests.length];
  await step();
  return [...people.requests.slice(before[0]), ...reviews.requests.slice(before[1])].map(({ body }) => body);
}

test('a stranger gets what is open, null for the rest, and no subgraph is asked for it', async () => {
  let answer: Answer | undefined;
  const bodies = await asksDuring(async () => {
    answer = await ask('{ maybe { id name mail: email reviews { text } } }');
  });
  expect(answer?.status).toBe(200);
  expect(answer?.data).toEqual({ maybe: { id: '2', name: 'Grace', mail: null, reviews: null } });
  expect(answer && refusedPaths(answer)).toEqual(['maybe.mail', 'maybe.reviews']);
  expect(bodies.length).toBe(1);
  expect(bodies.join('')).not.toMatch(/email|reviews/);
});

test('when nothing is left no subgraph is asked at all', async () => {
  let answer: Answer | undefined;
  const bodies = await asksDuring(async () => {
    answer = await ask('{ stamp maybe { reviews { text } } level }');
  });
  expect(answer?.data).toEqual({ stamp: null, maybe: null, level: null });
  expect(answer && refusedPaths(answer)).toEqual(['stamp', 'maybe.reviews', 'level']);
  expect(bodies).toEqual([]);
});

test('scopes open fields, one group being enough, as `scope` or as `scp`', async () => {
  const emails = async (claims?: Readonly<Record<string, unknown>>) => (await ask('{ maybe { email } }', claims)).data;
  expect(await emails()).toEqual({ maybe: null });
  expect(await emails({ scope: 'email' })).toEqual({ maybe: null });
  expect(await emails({ scope: 'openid email profile' })).toEqual({ maybe: { email: GRACE.email } });
  expect(await emails({ scp: ['admin'] })).toEqual({ maybe: { email: GRACE.email } });
});

test('the same document is answered to each caller by its own rights, whoever asked before', async () => {
  const query = '{ people { id email } }';
  const all = { people: [ADA, GRACE].map(({ id, email }) => ({ id, email })) };
  const none = { people: [ADA, GRACE].map(({ id }) => ({ id, email: null })) };
  for (let round = 0; round < 3; round += 1) {
    expect((await ask(query)).data).toEqual(none);
    expect((await ask(query, { scope: 'admin' })).data).toEqual(all);
  }
  const [stranger, admin] = await Promise.all([ask(query), ask(query, { scope: 'admin' })]);
  expect([stranger.data, admin.data]).toEqual([none, all]);
});

test('in a list each item has the null, and the error is told once', async () => {
  const answer = await ask('{ people { name email } }');
  expect(answer.data).toEqual({ people: [ADA, GRACE].map(({ name }) => ({ name, email: null })) });
  expect(refusedPaths(answer)).toEqual(['people.email']);
});

test('a null where none may be bubbles up as any other, and without a second error', async () => {
  const inner = await ask('{ maybe { id salary } open }');
  expect(inner.data).toEqual({ maybe: null, open: 'open' });
  expect(refusedPaths(inner)).toEqual(['maybe.salary']);
  const root = await ask('{ me { id salary } open }');
  expect(root.data).toBeNull();
  expect(refusedPaths(root)).toEqual(['me.salary']);
  const nested = await ask('{ maybe { name friend { name salary } } }');
  expect(nested.data).toEqual({ maybe: { name: 'Grace', friend: null } });
});

test('policies are those of the token, and those that the embedder grants', async () => {
  expect((await ask('{ maybe { salary } }', { policies: ['hr'] })).data).toEqual({ maybe: { salary: 9 } });
  asked.length = 0;
  expect((await ask('{ maybe { salary } }', { permissions: ['hr'] })).data).toEqual({ maybe: { salary: 9 } });
  expect((await ask('{ maybe { salary } }', { permissions: [] })).data).toEqual({ maybe: null });
  expect(asked.map(({ names }) => names)).toEqual([['hr'], ['hr']]);
  asked.length = 0;
  await ask('{ maybe { name } }', {});
  expect(asked).toEqual([]);
});

test('types guard what is reached through them', async () => {
  const answer = await ask('{ open sealed { id } }');
  expect(answer.data).toEqual({ open: 'open', sealed: null });
  expect((await ask('{ sealed { id } stamp }', {})).data).toEqual({ sealed: [{ id: 's' }], stamp: 'now' });
  expect((await ask('{ level }', { scope: 'level' })).data).toEqual({ level: 'LOW' });
});

test('an interface field is as closed as its most closed object; a fragment asks for less', async () => {
  const through = await ask('{ items { id price } }');
  expect(through.data).toEqual({
    items: [
      { id: 'b', price: null },
      { id: 'p', price: null },
    ],
  });
  expect(refusedPaths(through)).toEqual(['items.price']);
  const fragment = await ask('{ items { id ... on Pen { price } ...F } } fragment F on Book { price }');
  expect(fragment.data).toEqual({
    items: [
      { id: 'b', price: null },
      { id: 'p', price: 2 },
    ],
  });
  expect(refusedPaths(fragment)).toEqual(['items.price']);
  expect((await ask('{ items { price } }', { scope: 'price' })).data).toEqual({ items: [{ price: 1 }, { price: 2 }] });
});

test('neither an alias, a fragment, a condition nor a second operation goes around it', async () => {
  const attempts = [
    '{ maybe { id open: email } }',
    '{ maybe { id ...on User { email } } }',
    '{ maybe { ...A } } fragment A on User { id ...B } fragment B on User { email }',
    'query ($on: Boolean = true) { maybe { id email @include(if: $on) } }',
    '{ maybe { id email @skip(if: false) } maybe { email } }',
    '{ maybe { id friend { email } } a: maybe { email } }',
  ];
  for (const query of attempts) {
    const { data, errors } = await ask(query);
    expect(JSON.stringify(data)).not.toContain('@example.com');
    expect(errors?.every(({ extensions }) => extensions['code'] === 'UNAUTHORIZED_FIELD_OR_TYPE')).toBe(true);
  }
});

test('a field of another subgraph is open to who is signed in, and its own fields by their own demands', async () => {
  const answer = await ask('{ maybe { reviews { text score } } }', {});
  expect(answer.data).toEqual({ maybe: { reviews: [{ text: 'fine', score: null }] } });
  expect(refusedPaths(answer)).toEqual(['maybe.reviews.score']);
  const scored = await ask('{ maybe { reviews { text score } } }', { scope: 'score' });
  expect(scored.data).toEqual({ maybe: { reviews: [{ text: 'fine', score: 5 }] } });
});

test('a mutation that is not allowed is not sent, the others of the operation are', async () => {
  let answer: Answer | undefined;
  const bodies = await asksDuring(async () => {
    answer = await ask('mutation { ping rename(name: "Eve") { name } }');
  });
  expect(answer?.data).toEqual({ ping: 'pong', rename: null });
  expect(answer && refusedPaths(answer)).toEqual(['rename']);
  expect(bodies.join('')).not.toContain('rename');
  expect((await ask('mutation { rename(name: "Eve") { name } }', {})).data).toEqual({ rename: { name: 'Eve' } });
});

test('a subscription brings what is open, and opens no stream for what is not', async () => {
  const stranger = connectClient(gateway.socketUrl);
  const open = stranger.subscribe('subscription { ticked { n hidden } }');
  await open.done;
  expect(open.results.map(({ data }) => data)).toEqual([
    { ticked: { n: 1, hidden: null } },
    { ticked: { n: 2, hidden: null } },
  ]);
  expect(open.results[0]?.errors?.[0]).toMatchObject({
    path: ['ticked', 'hidden'],
    extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
  });
  const connections = people.connections.length;
  const closed = stranger.subscribe('subscription { guarded { n } }');
  const outcome = await closed.done.then(
    () => JSON.stringify(closed.results),
    (error: unknown) => JSON.stringify(error),
  );
  expect(outcome).toContain('UNAUTHORIZED_FIELD_OR_TYPE');
  expect(people.connections.length).toBe(connections);
  await stranger.close();

  const member = connectClient(gateway.socketUrl, await bearer({ scope: 'tick' }));
  const all = member.subscribe('subscription { ticked { n hidden } }');
  await all.done;
  expect(all.results.map(({ data }) => data)).toEqual([
    { ticked: { n: 1, hidden: 10 } },
    { ticked: { n: 2, hidden: 20 } },
  ]);
  await member.close();
  await eventually(() => people.liveSubscriptions() === 0);
});

test('without keys nobody is known, and what demands anything stays closed', async () => {
  const keyless = await startTestGateway({ supergraph: { sdl: await compose([people, reviews]) } });
  try {
    const answer = await keyless.ask('{ open stamp }', { headers: await bearer({ scope: 'admin' }) });
    expect(answer.data).toEqual({ open: 'open', stamp: null });
  } finally {
    await keyless.stop();
  }
});
