import { compose, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestGraph } from '../../testing/test-graph.js';
import type { TestGraph } from '../../testing/test-graph.js';
import { connectClient } from '../../testing/test-client.js';

/** Far above what any of these may take, and far below what they would take unguarded. */
const AT_MOST_MS = 2_000;

let graph: TestGraph;
let gateway: TestGateway;

beforeAll(async () => {
  graph = await startTestGraph();
  gateway = await startTestGateway({ supergraph: { sdl: await compose(graph.subgraphs) }, production: true });
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
});

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly codes: readonly unknown[];
  readonly data: unknown;
  /** Requests that subgraphs got meanwhile. */
  readonly asked: number;
}

async function post(body: string): Promise<Outcome> {
  const before = graph.accounts.requests.length + graph.inbox.requests.length;
  const startedAt = performance.now();
  const response = await fetch(gateway.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body,
  });
  const text = await response.text();
  expect(performance.now() - startedAt).toBeLessThan(AT_MOST_MS);
  const { data, errors } = JSON.parse(text) as {
    readonly data?: unknown;
    readonly errors?: readonly { readonly extensions: { readonly code: unknown } }[];
  };
  return {
    status: response.status,
    text,
    codes: (errors ?? []).map(({ extensions }) => extensions.code),
    data,
    asked: graph.accounts.requests.length + graph.inbox.requests.length - before,
  };
}

const ask = (query: string, variables?: unknown): Promise<Outcome> => post(JSON.stringify({ query, variables }));
const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join(' ');

const EXPONENTIAL = `{ me { ...F0 } } ${times(30, (at) => `fragment F${at} on User { a: friends { ...F${at + 1} } b: friends { ...F${at + 1} } }`)} fragment F30 on User { id }`;

async function expectRefused(document: string, code: string | RegExp): Promise<void> {
  const { status, codes, asked } = await ask(document);
  if (code === 'OK') {
    expect(status).toBe(200);
    return;
  }
  expect(status).toBe(400);
  expect(codes[0]).toEqual(typeof code === 'string' ? code : expect.stringMatching(code));
  expect(asked).toBe(0);
  expect((await ask('{ me { id } }')).data).toEqual({ me: { id: '1' } });
}

test.each<[string, () => string, string | RegExp]>([
  ['a thousand aliases', () => `{ ${times(1_000, (at) => `a${at}: me`)} }`, 'ALIAS_LIMIT_EXCEEDED'],
  ['a thousand aliases with fields', () => `{ ${times(1_000, (at) => `a${at}: me { id }`)} }`, 'GRAPHQL_PARSE_FAILED'],
  ['a thousand times the same field', () => `{ ${times(1_000, () => 'me { id }')} }`, 'ROOT_FIELD_LIMIT_EXCEEDED'],
  ['fragments that double thirty times', () => EXPONENTIAL, 'DEPTH_LIMIT_EXCEEDED'],
  [
    'fragments that double on one level',
    () =>
      `{ me { ...F0 } } ${times(25, (at) => `fragment F${at} on User { ...F${at + 1} ...F${at + 1} }`)} fragment F25 on User { id }`,
    'SELECTION_LIMIT_EXCEEDED',
  ],
  ['a field two thousand times', () => `{ me { ${times(1_990, () => 'id')} } }`, 'SELECTION_LIMIT_EXCEEDED'],
  [
    'a field with fields hundreds of times',
    () => `{ me { ${times(600, () => 'friends { id }')} } }`,
    'SELECTION_LIMIT_EXCEEDED',
  ],
  [
    'repeated fields in each other',
    () => `{ me { ${times(40, () => `friends { ${times(15, () => 'friends { id }')} }`)} } }`,
    'SELECTION_LIMIT_EXCEEDED',
  ],
  [
    'repeated fields in a fragment that nothing uses',
    () => `{ me { id } } fragment F on User { ${times(600, () => 'friends { id }')} }`,
    'SELECTION_LIMIT_EXCEEDED',
  ],
  [
    'a fragment that holds itself',
    () => '{ me { ...F } } fragment F on User { friends { ...F } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'fragments in a circle',
    () => '{ me { ...A } } fragment A on User { ...B } fragment B on User { ...C } fragment C on User { ...A }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'hundreds of directives on one field',
    () => `{ me ${times(600, () => '@include(if: true)')} { id } }`,
    'DIRECTIVE_LIMIT_EXCEEDED',
  ],
  [
    'a thousand directives on one field',
    () => `{ me ${times(1_000, () => '@include(if: true)')} { id } }`,
    'GRAPHQL_PARSE_FAILED',
  ],
  ['unknown directives', () => `{ me { id ${times(400, (at) => `@a${at}`)} } }`, 'DIRECTIVE_LIMIT_EXCEEDED'],
  ['fields ten thousand deep', () => `${'{ a '.repeat(10_000)}${'}'.repeat(10_000)}`, 'GRAPHQL_PARSE_FAILED'],
  ['fields thirty deep', () => `{ me ${'{ friends '.repeat(30)}{ id } ${'}'.repeat(30)} }`, 'DEPTH_LIMIT_EXCEEDED'],
  [
    'lists ten thousand deep',
    () => `{ user(id: ${'['.repeat(10_000)}${']'.repeat(10_000)}) { id } }`,
    'GRAPHQL_PARSE_FAILED',
  ],
  ['a megabyte of tokens', () => `{ ${'a '.repeat(500_000)} }`, 'GRAPHQL_PARSE_FAILED'],
  ['a megabyte of comments', () => `{ me { id } }\n${'#x\n'.repeat(200_000)}`, 'OK'],
  ['a megabyte in one string', () => `{ echo(text: "${'x'.repeat(900_000)}") }`, 'OK'],
  ['a thousand variables', () => `query (${times(1_000, (at) => `$v${at}: Int`)}) { me { id } }`, /GRAPHQL_/],
  [
    'a thousand operations',
    () => times(1_000, (at) => `query Q${at} { me { id } }`),
    /GRAPHQL_|OPERATION_RESOLUTION_FAILURE/,
  ],
  [
    'pages in pages in pages',
    () => '{ me { friends { friends { friends { friends { friends { friends { id } } } } } } } }',
    'COST_LIMIT_EXCEEDED',
  ],
  [
    'fields that conflict in a hundred ways',
    () => `{ ${times(19, () => `me { ${times(50, (at) => `f: user${at} { id }`)} }`)} }`,
    /_/,
  ],
])('ID-72: %s', (_what, make, code) => expectRefused(make(), code));

test.each<[string, () => string, string]>([
  [
    'a thousand aliases of it',
    () => `mutation { ${times(1_000, (at) => `a${at}: login(password: "${at}")`)} }`,
    'GRAPHQL_PARSE_FAILED',
  ],
  [
    'as many aliases as there may be',
    () => `mutation { ${times(20, (at) => `a${at}: login(password: "${at}")`)} }`,
    'SENSITIVE_FIELD_REPEATED',
  ],
  [
    'two aliases of it',
    () => 'mutation { a: login(password: "1") b: login(password: "2") }',
    'SENSITIVE_FIELD_REPEATED',
  ],
])('ID-05: a sensitive field is not repeated by %s', (_what, make, code) => expectRefused(make(), code));

test.each<[string, string]>([
  [
    'fragments',
    'mutation { ...F ...G } fragment F on Mutation { login(password: "1") } fragment G on Mutation { b: login(password: "2") }',
  ],
  ['an inline fragment', 'mutation { login(password: "1") ... on Mutation { ... { b: login(password: "2") } } }'],
  [
    'conditions',
    'mutation ($no: Boolean = false) { a: login(password: "1") @include(if: true) b: login(password: "2") @skip(if: $no) }',
  ],
  [
    'fragments under conditions',
    'mutation { ... @include(if: true) { a: login(password: "1") } ... @skip(if: false) { b: login(password: "2") } }',
  ],
])('ID-06: a sensitive field is not repeated by %s', (_what, document) =>
  expectRefused(document, 'SENSITIVE_FIELD_REPEATED'),
);

test('ID-06: a batch of fifty sensitive mutations is refused as a whole', async () => {
  const login = (at: number) => ({ query: `mutation { login(password: "${at}") }` });
  const { status, codes, asked } = await post(JSON.stringify(Array.from({ length: 50 }, (_, at) => login(at))));
  expect([status, codes, asked]).toEqual([400, ['BAD_REQUEST'], 0]);
});

test.each<[string, string]>([
  ['introspection', '{ __schema { types { name } } }'],
  ['introspection of one type', '{ __type(name: "User") { fields { name } } }'],
  ['introspection in a fragment', '{ ...F } fragment F on Query { s: __schema { queryType { name } } }'],
])('ID-73: %s is off in production', (_what, document) => expectRefused(document, 'GRAPHQL_VALIDATION_FAILED'));

test('ID-72: overlapping fields in nested fragments are not compared each with each', async () => {
  const bomb = `{ me { ...F0 } } ${times(60, (at) => `fragment F${at} on User { ${times(8, (n) => `f${n}: friends { ...F${at + 1} }`)} }`)} fragment F60 on User { id }`;
  expect((await ask(bomb)).status).toBe(400);
});

test('ID-06: a batch is refused, as an array of any length', async () => {
  for (const body of [
    '[]',
    '[{"query":"{ me { id } }"}]',
    `[${times(1_000, () => '{"query":"{ me { id } }"},')}{}]`.replaceAll(', ', ','),
  ]) {
    const { status, codes, asked } = await post(body);
    expect([status, codes, asked]).toEqual([400, ['BAD_REQUEST'], 0]);
  }
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then', '__defineGetter__'])(
  'the name %s is a name like any other, as an alias and as a variable',
  async (name) => {
    const query = `query ($${name}: ID!) { ${name}: user(id: $${name}) { ${name}: name again: nickname } }`;
    const { status, text } = await post(`{"query":${JSON.stringify(query)},"variables":{${JSON.stringify(name)}:"1"}}`);
    expect(status).toBe(200);
    expect(text).toBe(`{"data":{${JSON.stringify(name)}:{${JSON.stringify(name)}:"Ada","again":"ada"}}}`);
    expect(({} as Record<string, unknown>)['again']).toBeUndefined();
  },
);

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'the name %s is no field, no argument, no type, no operation, and pollutes nothing',
  async (name) => {
    const unknown = [
      `{ ${name} }`,
      `{ me { ${name} } }`,
      `{ user(${name}: 1, id: "1") { id } }`,
      `{ me { ... on ${name} { id } } }`,
      `query ($v: ${name}) { me { id } }`,
      `{ me { id @${name} } }`,
    ];
    for (const query of unknown) expect((await ask(query)).codes[0]).toBe('GRAPHQL_VALIDATION_FAILED');
    const named = await post(
      JSON.stringify({ query: 'query A { me { id } } query B { me { id } }', operationName: name }),
    );
    expect(named.codes).toEqual(['OPERATION_RESOLUTION_FAILURE']);
    const polluting = await post(
      `{"query":"{ me { id } }","variables":{"${name}":{"polluted":true}},"extensions":{"${name}":{"polluted":true}},"${name}":{"polluted":true}}`,
    );
    expect(polluting.data).toEqual({ me: { id: '1' } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  },
);

test('an operation name is looked up and never becomes part of anything', async () => {
  for (const operationName of [
    'A } mutation { login(password: "x") ',
    '{ me',
    'A"',
    '\u0000',
    'x'.repeat(100_000),
    '',
  ]) {
    const { status, asked } = await post(JSON.stringify({ query: 'query A { me { id } }', operationName }));
    expect(operationName === '' ? 200 : status).toBe(operationName === '' ? 200 : 400);
    expect(operationName === '' ? 0 : asked).toBe(0);
  }
});

test('variables ten thousand deep, or a megabyte of them, are refused or served, and break nothing', async () => {
  const deep = `{"query":"query ($id: ID!) { user(id: $id) { id } }","variables":{"id":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
  expect(await post(deep)).toMatchObject({ status: 400, codes: ['BAD_REQUEST'], asked: 0 });
  const nested = `{"query":"{ me { id } }","variables":{"id":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}}`;
  expect(await post(nested)).toMatchObject({ status: 400, codes: ['BAD_REQUEST'], asked: 0 });
  const wide = { ...Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, at])), id: '1' };
  expect((await ask('query ($id: ID!) { user(id: $id) { id } }', wide)).data).toEqual({ user: { id: '1' } });
  const number = `{"query":"{ me { id } }","variables":{"id":${'9'.repeat(900_000)}}}`;
  expect((await post(number)).status).toBe(200);
});

test('ID-73: suggestions tell nothing of a schema that is not shown', async () => {
  for (const query of [
    '{ m }',
    '{ me { nam } }',
    '{ usr(id: 1) { id } }',
    '{ user(idd: 1) { id } }',
    '{ me { ... on Usr { id } } }',
  ]) {
    const { status, text } = await ask(query);
    expect(status).toBe(400);
    expect(text).not.toMatch(/did you mean/i);
  }
});

test('ID-72: the same documents are refused on a WebSocket, and its other operations go on', async () => {
  const client = connectClient(gateway.socketUrl);
  const running = client.subscribe('subscription { noted(topic: "attack") { title } }');
  const deep: unknown = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`);
  await expect(client.ask('query ($id: ID!) { user(id: $id) { id } }', { id: deep })).rejects.toMatchObject([
    { extensions: { code: 'BAD_REQUEST' } },
  ]);
  for (const query of [EXPONENTIAL, `{ ${'a '.repeat(50_000)} }`, `{ ${times(200, (at) => `a${at}: me { id }`)} }`])
    await expect(client.ask(query)).rejects.toBeDefined();
  expect((await client.ask('{ me { id } }')).data).toEqual({ me: { id: '1' } });
  expect(client.closes).toEqual([]);
  running.stop();
  await client.close();
});
