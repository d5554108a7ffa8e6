import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startHostileSubgraph } from '../../testing/hostile-subgraph.js';
import type { HostileSubgraph } from '../../testing/hostile-subgraph.js';
import { recordingLogger, startTestGateway } from '../../testing/test-gateway.js';
import type { Answer, TestGateway } from '../../testing/test-gateway.js';
import { startTestSubgraph } from '../../testing/test-subgraph.js';
import type { TestSubgraph } from '../../testing/test-subgraph.js';
import { composeSupergraph } from '../../supergraph/compose.js';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';
const PEOPLE = `${LINK}
type Query { me: User people: [User!]! open: String }
type User @key(fields: "id") { id: ID! name: String! }`;
const SCORES = `${LINK}
type Query { top: Int }
type User @key(fields: "id") { id: ID! score: Int must: Int! }`;
const SECRET = 'SELECT password FROM users; at Object.<anonymous> (/srv/app/db.js:1:1)';
const TIMEOUT_MS = 600;

let people: TestSubgraph;
let scores: HostileSubgraph;
let gateway: TestGateway;
const { logger, lines } = recordingLogger();

beforeAll(async () => {
  people = await startTestSubgraph({
    name: 'people',
    sdl: PEOPLE,
    resolvers: {
      Query: {
        me: () => ({ id: '1', name: 'Ada' }),
        people: () => ['1', '2', '3'].map((id) => ({ id, name: `N${id}` })),
        open: () => 'open',
      },
    },
  });
  scores = await startHostileSubgraph({ name: 'scores', sdl: SCORES });
  const sdl = await composeSupergraph(
    [people, scores].map(({ name, url, sdl: own }) => ({ name, url, sdl: own, origin: name })),
  );
  gateway = await startTestGateway({
    supergraph: { sdl },
    production: true,
    logger,
    subgraphTimeoutMs: TIMEOUT_MS,
    subgraphRetries: 0,
    circuitBreaker: false,
    subgraphAnswerBytes: 4 * 1024 * 1024,
  });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([people.stop(), scores.stop()]);
});

const json =
  (value: unknown) =>
  (response: ServerResponse): void => {
    response.setHeader('content-type', 'application/json');
    response.end(typeof value === 'string' ? value : JSON.stringify(value));
  };
const entities = (values: unknown) => json({ data: { _entities: values } });

/** Nothing of what went wrong inside may be seen; the log has it. */
function expectMasked({ errors }: Answer): void {
  expect(errors?.length).toBeGreaterThan(0);
  // A path is the client's own.
  const text = JSON.stringify(errors?.map(({ path: _path, ...error }) => error));
  for (const hidden of ['scores', 'people', 'SELECT', '/srv', 'at Object', '127.0.0.1', 'ECONN', 'stack', '_entities'])
    expect(text).not.toContain(hidden);
  for (const { extensions } of errors ?? []) expect(typeof extensions['requestId']).toBe('string');
}

async function expectHealthy(): Promise<void> {
  scores.answerWith(entities([{ __typename: 'User', score: 7 }]));
  expect((await gateway.ask('{ me { name score } open }')).data).toEqual({
    me: { name: 'Ada', score: 7 },
    open: 'open',
  });
}

test.each<[string, (response: ServerResponse) => void]>([
  ['nothing', json('')],
  ['a page of HTML', (response) => void response.setHeader('content-type', 'text/html').end('<html>nginx</html>')],
  ['HTML that is called JSON', json('<html>nginx</html>')],
  ['truncated JSON', json('{"data":{"_entities":[{"score":')],
  ['a list', json('[]')],
  ['a number', json('7')],
  ['null', json('null')],
  ['a text', json('"data"')],
  ['data that is a list', json({ data: [1, 2] })],
  ['data that is a text', json({ data: 'x' })],
  ['no entities', json({ data: {} })],
  ['entities that are null', entities(null)],
  ['entities that are an object', entities({ score: 1 })],
  ['too few entities', entities([])],
  ['too many entities', entities([{ score: 1 }, { score: 2 }, { score: 3 }])],
  ['entities that are texts', entities(['x'])],
  ['entities that are lists', entities([[{ score: 1 }]])],
  ['a field of another type', entities([{ score: 'high' }])],
  ['a field that is an object', entities([{ score: { a: 1 } }])],
  ['a number out of range', json('{"data":{"_entities":[{"score":1e400}]}}')],
  ['errors that are a text', json({ errors: 'boom', data: null })],
  ['errors without a message', json({ errors: [{}], data: { _entities: [null] } })],
  [
    'errors with a path to nowhere',
    json({ errors: [{ message: SECRET, path: ['_entities', 99, 'x', { a: 1 }] }], data: { _entities: [null] } }),
  ],
  ['status 500 with a stack', (response) => void response.writeHead(500).end(SECRET)],
  [
    'status 200 with an error',
    json({
      errors: [{ message: SECRET, extensions: { stacktrace: [SECRET], exception: { sql: SECRET } } }],
      data: { _entities: [null] },
    }),
  ],
  [
    'status 301',
    (response) => void response.writeHead(301, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
  ],
  [
    'a length that is longer than the body',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"data":');
      response.destroy();
    },
  ],
  ['a broken connection', (response) => void response.destroy()],
  [
    'a body that is compressed, which nobody asked for',
    (response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync(`{"data":{"_entities":[{"score":${' '.repeat(10_000_000)}1}]}}`)),
  ],
  [
    'JSON a hundred thousand levels deep',
    json(`{"data":{"_entities":[{"score":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}}`),
  ],
])('ID-76: a subgraph that answers %s costs its own part of the answer', async (_what, answer) => {
  scores.answerWith(answer);
  const result = await gateway.ask('{ me { name score } open }');
  expect(result.status).toBe(200);
  expect(result.data).toEqual({ me: { name: 'Ada', score: null }, open: 'open' });
  expectMasked(result);
  await expectHealthy();
});

test.each<[string, (response: ServerResponse) => void]>([
  ['nothing', json('')],
  ['no data', json({})],
  ['null', json('null')],
  ['truncated JSON', json('{"data":{"top":')],
  ['data that is a list', json({ data: [1] })],
  ['data that is null, without a reason', json({ data: null })],
  ['a field of another type', json({ data: { top: { a: 1 } } })],
  ['a list where none is asked for', json({ data: { top: [1] } })],
  [
    'an error with a stack',
    json({ errors: [{ message: SECRET, extensions: { code: 'X_DB', stacktrace: [SECRET] } }], data: null }),
  ],
  ['a broken connection', (response) => void response.destroy()],
])('a subgraph that answers %s for a root field costs that field', async (_what, answer) => {
  scores.answerWith(answer);
  const result = await gateway.ask('{ top open }');
  expect(result.status).toBe(200);
  expect(result.data).toEqual({ top: null, open: 'open' });
  expect(result.errors?.length).toBeGreaterThan(0);
});

test('keys of the prototype are keys like any other, and nothing is polluted', async () => {
  scores.answerWith(
    json(
      '{"data":{"_entities":[{"__proto__":{"score":1,"polluted":1},"constructor":{"prototype":{"polluted":1}}}]},"__proto__":{"polluted":1}}',
    ),
  );
  const { data } = await gateway.ask('{ me { name score } open }');
  expect(data).toEqual({ me: { name: 'Ada', score: null }, open: 'open' });
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  await expectHealthy();
});

test('each item of a list has the error of its own place, or all the one that is everybody’s', async () => {
  scores.answerWith(json('garbage'));
  const all = await gateway.ask('{ people { name score } }');
  expect(all.data).toEqual({ people: ['N1', 'N2', 'N3'].map((name) => ({ name, score: null })) });
  expect(all.errors?.length).toBeGreaterThan(0);
  for (const { path } of all.errors ?? []) expect(path?.[0]).toBe('people');
  expectMasked(all);

  scores.answerWith(
    json({
      data: { _entities: [{ score: 1 }, null, { score: 3 }] },
      errors: [{ message: SECRET, path: ['_entities', 1, 'score'] }],
    }),
  );
  const one = await gateway.ask('{ people { name score } }');
  expect(one.data).toEqual({
    people: [
      { name: 'N1', score: 1 },
      { name: 'N2', score: null },
      { name: 'N3', score: 3 },
    ],
  });
  expect(one.errors?.map(({ path }) => path)).toEqual([['people', 1, 'score']]);
  expectMasked(one);
});

test('ID-76: a wrong number of entities puts nobody’s data on somebody else', async () => {
  for (const values of [
    [{ score: 1 }],
    [{ score: 1 }, { score: 2 }],
    Array.from({ length: 9 }, (_, score) => ({ score })),
  ]) {
    scores.answerWith(entities(values));
    const { data, errors } = await gateway.ask('{ people { id score } }');
    expect(data).toEqual({ people: ['1', '2', '3'].map((id) => ({ id, score: null })) });
    expect(errors?.length).toBeGreaterThan(0);
  }
});

test('ID-76: a missing value where none may be missing takes away what has to have it, with an error', async () => {
  scores.answerWith(entities([{}]));
  const result = await gateway.ask('{ me { name must } open }');
  expect(result.data).toEqual({ me: null, open: 'open' });
  expect(result.errors?.length).toBeGreaterThan(0);
  expectMasked(result);
});

test('500 MB are not held in memory, and the connection is dropped', async () => {
  let sent = 0;
  let isGone = false;
  const chunk = Buffer.alloc(1024 * 1024, 0x20);
  scores.answerWith((response) => {
    sent = 0;
    isGone = false;
    response.once('close', () => (isGone = true));
    response.writeHead(200, { 'content-type': 'application/json' });
    const pump = (): void => {
      while (!isGone && sent < 500) {
        sent += 1;
        if (!response.write(chunk)) return void response.once('drain', pump);
      }
      if (!isGone) response.end();
    };
    pump();
  });
  const before = process.memoryUsage().rss;
  const result = await gateway.ask('{ me { name score } open }');
  expect(result.data).toEqual({ me: { name: 'Ada', score: null }, open: 'open' });
  expectMasked(result);
  expect(sent).toBeLessThan(100);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  await expectHealthy();
});

test('one that never answers costs its timeout, once, and one that drips as well', async () => {
  let drip: NodeJS.Timeout | undefined;
  const never = [
    (): void => undefined,
    (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    },
  ];
  for (const answer of never) {
    scores.answerWith(answer);
    const before = scores.requests();
    const startedAt = performance.now();
    const result = await gateway.ask('{ me { name score } open }');
    const took = performance.now() - startedAt;
    clearInterval(drip);
    expect(result.data).toEqual({ me: { name: 'Ada', score: null }, open: 'open' });
    expect(result.errors?.[0]?.path).toEqual(['me']);
    expect(took).toBeGreaterThan(TIMEOUT_MS - 50);
    expect(took).toBeLessThan(TIMEOUT_MS + 1_500);
    expect(scores.requests() - before).toBe(1);
    expectMasked(result);
  }
  await expectHealthy();
});

test('a whole operation has a time of its own, however long a subgraph may take', async () => {
  const impatient = await startTestGateway({
    supergraph: {
      sdl: await composeSupergraph([people, scores].map(({ name, url, sdl }) => ({ name, url, sdl, origin: name }))),
    },
    requestTimeoutMs: 300,
    subgraphTimeoutMs: 60_000,
    subgraphRetries: 3,
  });
  try {
    scores.answerWith(() => undefined);
    const startedAt = performance.now();
    const result = await impatient.ask('{ me { name score } open }');
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(result.data).toEqual({ me: { name: 'Ada', score: null }, open: 'open' });
    expect(result.errors?.length).toBeGreaterThan(0);
  } finally {
    await impatient.stop();
  }
});

test('ID-76: the log has what the client is not told, with the id that it is told', async () => {
  lines.length = 0;
  scores.answerWith(json({ errors: [{ message: SECRET }], data: null }));
  const { errors } = await gateway.ask('{ me { score } }');
  const requestId = String(errors?.[0]?.extensions['requestId']);
  expect(lines.some((line) => line.includes('SELECT password') && line.includes(requestId))).toBe(true);
});
