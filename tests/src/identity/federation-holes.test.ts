import { readFile } from 'node:fs/promises';
import { signContext } from '@orion/platform/identity';
import type { Viewer } from '@orion/platform/identity';
import { testViewer } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { buildASTSchema, getNamedType, isCompositeType, isObjectType, isRequiredArgument, Kind, parse } from 'graphql';
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { newcomer, signIn } from '../graph/index.js';
import type { GraphAnswer, SignedIn } from '../graph/index.js';

const SUBGRAPHS = ['auth', 'user', 'notification', 'analytics'] as const;

let platform: Platform;
let alice: SignedIn;
let bob: SignedIn;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  [alice, bob] = await Promise.all([
    newcomer(platform.url, { name: 'Alice' }),
    newcomer(platform.url, { name: 'Bob' }),
  ]);
}, 60_000);
afterAll(() => platform?.stop());

const codesOf = ({ errors }: Pick<GraphAnswer, 'errors'>) => errors.map(({ extensions }) => extensions['code']);

interface Direct {
  readonly subgraph: string;
  readonly viewer: Viewer | null;
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** As the gateway asks: with a context signed for this subgraph and this body. */
async function askAsGateway({ subgraph, viewer, document, variables = {} }: Direct): Promise<GraphAnswer> {
  const body = JSON.stringify({ query: document, variables });
  const origin = { viewer, requestId: 'r', clientIp: '192.0.2.1', userAgent: null };
  const context = await signContext(origin, { secret: platform.contextSecret, audience: subgraph, body });
  return post(subgraph, body, context);
}

async function post(subgraph: string, body: string, context: string): Promise<GraphAnswer> {
  const response = await fetch(`http://127.0.0.1:${platform.ports[subgraph]}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-orion-context': context },
    body,
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<GraphAnswer>;
  return { status: response.status, headers: response.headers, data, errors };
}

const asBob = (): Viewer => testViewer({ userId: bob.userId, sessionId: bob.sessionId });

async function schemaOf(subgraph: string): Promise<GraphQLSchema> {
  const text = await readFile(new URL(`../../../schema/subgraphs/${subgraph}.graphql`, import.meta.url), 'utf8');
  return buildASTSchema(parse(text), { assumeValidSDL: true });
}

function permissionOf({ astNode }: GraphQLField<unknown, unknown>): string | undefined {
  const directive = astNode?.directives?.find(({ name }) => name.value === 'auth');
  const value = directive?.arguments?.find(({ name }) => name.value === 'permission')?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** The fields of User of which one subgraph says that they are the owner's, with something selected of each. */
async function ownFieldsOfUser(subgraph: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const type = (await schemaOf(subgraph)).getType('User');
  if (!isObjectType(type)) return [];
  return Object.values(type.getFields())
    .filter((field) => permissionOf(field)?.includes(':') === true && !field.args.some(isRequiredArgument))
    .map((field) => ({
      name: field.name,
      text: isCompositeType(getNamedType(field.type)) ? `${field.name} { __typename }` : field.name,
    }));
}

const REFERENCE = (all: string) =>
  `query ($all: [_Any!]!) { _entities(representations: $all) { __typename ... on User { ${all} } } }`;

describe.each(SUBGRAPHS)('%s', (subgraph) => {
  test('ID-70: a reference to somebody else gives nothing of what is their own', async () => {
    const fields = await ownFieldsOfUser(subgraph);
    expect(fields.length).toBeGreaterThan(0);
    const answer = await askAsGateway({
      subgraph,
      viewer: asBob(),
      document: REFERENCE(fields.map(({ text }) => text).join(' ')),
      variables: { all: [{ __typename: 'User', id: alice.userId }] },
    });
    const [entity] = answer.data._entities as readonly Readonly<Record<string, unknown>>[];
    expect(fields.filter(({ name }) => entity?.[name] !== null)).toEqual([]);
    expect(codesOf(answer)).toEqual(fields.map(() => 'FORBIDDEN'));
  });

  test('ID-70: and nothing at all to somebody who is not signed in', async () => {
    const fields = await ownFieldsOfUser(subgraph);
    const answer = await askAsGateway({
      subgraph,
      viewer: null,
      document: REFERENCE(fields.map(({ text }) => text).join(' ')),
      variables: { all: [{ __typename: 'User', id: alice.userId }] },
    });
    expect(new Set(codesOf(answer))).toEqual(new Set(['UNAUTHENTICATED']));
  });

  test.each([
    ['no __typename', { id: '1' }],
    ['another type', { __typename: 'Nobody', id: '1' }],
    ['a type that is no entity', { __typename: 'Query', id: '1' }],
    ['no key', { __typename: 'User' }],
    ['a number for a key', { __typename: 'User', id: 1 }],
    ['an object for a key', { __typename: 'User', id: { $ne: null } }],
    ['a list for a key', { __typename: 'User', id: ['1'] }],
  ])('ID-71: a representation with %s is refused', async (_what, representation) => {
    const answer = await askAsGateway({
      subgraph,
      viewer: asBob(),
      document: REFERENCE('id'),
      variables: { all: [representation] },
    });
    expect([answer.data, codesOf(answer)]).toEqual([null, ['BAD_USER_INPUT']]);
  });

  test('ID-71: values that a caller adds to a reference are not believed', async () => {
    const forged = JSON.parse(
      `{"__typename":"User","id":"${alice.userId}","displayName":"FORGED","email":"FORGED","ownerId":"${bob.userId}","userId":"${bob.userId}","__proto__":{"id":"${bob.userId}"}}`,
    ) as unknown;
    const fields = await ownFieldsOfUser(subgraph);
    const answer = await askAsGateway({
      subgraph,
      viewer: asBob(),
      document: REFERENCE(`id ${fields.map(({ text }) => text).join(' ')}`),
      variables: { all: [forged] },
    });
    expect(JSON.stringify(answer.data)).not.toContain('FORGED');
    expect(answer.data._entities[0].id).toBe(alice.userId);
    expect(codesOf(answer)).toEqual(fields.map(() => 'FORBIDDEN'));
  });

  test('ID-71: a thousand references are answered, more are refused', async () => {
    const all = (count: number) => Array.from({ length: count }, () => ({ __typename: 'User', id: alice.userId }));
    const ask = (count: number) =>
      askAsGateway({ subgraph, viewer: asBob(), document: REFERENCE('id'), variables: { all: all(count) } });
    expect((await ask(1_000)).errors).toEqual([]);
    expect(codesOf(await ask(20_000))).toEqual(['BAD_USER_INPUT']);
  });

  test('ID-69: a captured context is of no use for another body or another subgraph', async () => {
    const body = JSON.stringify({ query: '{ __typename }' });
    const origin = { viewer: asBob(), requestId: 'r', clientIp: null, userAgent: null };
    const captured = await signContext(origin, { secret: platform.contextSecret, audience: subgraph, body });
    expect((await post(subgraph, body, captured)).status).toBe(200);
    expect((await post(subgraph, JSON.stringify({ query: '{ _service { sdl } }' }), captured)).status).toBe(401);
    const other = SUBGRAPHS.find((name) => name !== subgraph) ?? '';
    expect((await post(other, body, captured)).status).toBe(401);
  });
});

test('ID-70: entities of others are not to be had by their id either', async () => {
  const [session, notification] = [
    `query ($all: [_Any!]!) { _entities(representations: $all) { ... on Session { id ip methods } } }`,
    `query ($all: [_Any!]!) { _entities(representations: $all) { ... on Notification { id title body } } }`,
  ];
  const { data } = await alice.client.query('{ me { notifications(first: 1) { nodes { id } } } }');
  const cases = [
    ['auth', session, { __typename: 'Session', id: alice.sessionId }],
    ['notification', notification, { __typename: 'Notification', id: data.me.notifications.nodes[0]?.id }],
  ] as const;
  for (const [subgraph, document, reference] of cases) {
    const own = testViewer({ userId: alice.userId, sessionId: alice.sessionId });
    const variables = { all: [reference] };
    expect((await askAsGateway({ subgraph, viewer: own, document, variables })).data._entities[0].id).toBe(
      reference.id,
    );
    expect((await askAsGateway({ subgraph, viewer: asBob(), document, variables })).data._entities).toEqual([null]);
  }
});

test('ID-70: through the gateway as well a stranger gets what is public, and FORBIDDEN for the rest', async () => {
  const answer = await bob.client.query(
    'query ($id: ID!) { user(id: $id) { id displayName email sessions { nodes { id } } notifications { nodes { id } } } }',
    { id: alice.userId },
  );
  expect(answer.data.user).toEqual({
    id: alice.userId,
    displayName: 'Alice',
    email: null,
    sessions: null,
    notifications: null,
  });
  expect(codesOf(answer)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
});

test.each([
  'userChanged(id: $id) { __typename }',
  'auditLogAdded { __typename }',
  'securityEventStream { __typename }',
  'liveEvents { __typename }',
  'deadLetterChanged { __typename }',
  'queueStatsChanged { __typename }',
])('ID-75: nobody listens to what happens to others: %s', async (field) => {
  const named = field.includes('$id');
  const stream = await bob.client.subscribe(`subscription ${named ? '($id: ID!)' : ''} { ${field} }`, {
    ...(named ? { id: alice.userId } : {}),
  });
  const { data, errors } = (await stream.next()) as Pick<GraphAnswer, 'data' | 'errors'>;
  expect(Object.values((data ?? {}) as object).filter((value) => value !== null)).toEqual([]);
  expect(codesOf({ errors })).toEqual(['FORBIDDEN']);
  await expect(stream.next()).rejects.toThrow();
  await stream.stop();
});

test.each([
  ['a million items', 'users(first: 1000000)'],
  ['fewer than none', 'users(first: -1)'],
  ['the first and the last', 'users(first: 1, last: 1)'],
  ['a page behind nonsense', 'users(first: 1, after: "nonsense")'],
])('ID-72: a page of %s is refused', async (_what, field) => {
  const { client } = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
  const answer = await client.query(`{ ${field} { nodes { id } } }`);
  expect(answer.data?.users ?? null).toBeNull();
  expect(['BAD_USER_INPUT', 'COST_LIMIT_EXCEEDED', 'BAD_CURSOR']).toContain(codesOf(answer)[0]);
});
