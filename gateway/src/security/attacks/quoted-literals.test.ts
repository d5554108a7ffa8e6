import { connectClient } from '../../testing/test-client.js';
import { compose, startTestGateway } from '../../testing/test-gateway.js';
import type { TestGateway } from '../../testing/test-gateway.js';
import { startTestGraph } from '../../testing/test-graph.js';
import type { TestGraph } from '../../testing/test-graph.js';

/** Of a literal, an error message quotes all. */
const LENGTH = 900_000;
const ATTACK = 'Did you mean '.repeat(LENGTH / 13);
/** Far above what reading a megabyte takes, and far below the seconds of looking at it again from each of its places. */
const AT_MOST_CPU_MS = 700;
const LONGEST_ANSWER = 3_000;

let graph: TestGraph;
let gateway: TestGateway;

beforeAll(async () => {
  graph = await startTestGraph();
  gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    production: true,
    connections: { frameBytes: 1_000_000 },
  });
  // What is compiled on the way is not the literal's doing.
  await gateway.ask(conditionOf('x'.repeat(LENGTH)));
});

afterAll(async () => {
  await gateway.stop();
  await graph.stop();
});

function conditionOf(literal: string): string {
  return `{ __typename @include(if: "${literal}") }`;
}

/**
 * Milliseconds of this process, in which the gateway runs: what else the machine does is not counted. The least of three
 * runs, because the collector of a large test process can fall into any one of them.
 */
async function cpuOf(step: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < 3; run += 1) {
    const before = process.cpuUsage();
    await step();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

test('a literal that repeats the words of a suggestion costs no more than to be read, and is not sent back', async () => {
  let body = '';
  const cpu = await cpuOf(async () => {
    const response = await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: conditionOf(ATTACK) }),
    });
    expect(response.status).toBe(400);
    body = await response.text();
  });
  expect(cpu).toBeLessThan(AT_MOST_CPU_MS);
  expect(body.length).toBeLessThan(LONGEST_ANSWER);
  expect(body).toContain('Boolean cannot represent a non boolean value');
});

test('nor does it on a WebSocket', async () => {
  const client = connectClient(gateway.socketUrl);
  await client.ask('{ __typename }');
  let refusal: unknown;
  const cpu = await cpuOf(async () => {
    refusal = await client.ask(conditionOf(ATTACK)).catch((error: unknown) => error);
  });
  expect(cpu).toBeLessThan(AT_MOST_CPU_MS);
  expect(refusal).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  expect(JSON.stringify(refusal).length).toBeLessThan(LONGEST_ANSWER);
  await client.close();
});

test('the value of a variable is not sent back in full either', async () => {
  const { status, errors } = await gateway.ask('query ($no: Boolean!) { me @skip(if: $no) { id } }', {
    variables: { no: ATTACK },
  });
  expect(status).toBe(400);
  expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  expect(errors?.[0]?.message.length).toBeLessThan(LONGEST_ANSWER);
});

test('many errors that quote one long name are a short answer', async () => {
  const variables = Array.from({ length: 100 }, (_, at) => `$v${at}`);
  const query = `query ${'N'.repeat(LENGTH)} { user(id: [${variables.join(' ')}]) { id } }`;
  const { status, errors } = await gateway.ask(query);
  expect(status).toBe(400);
  expect(errors?.filter(({ message }) => message.includes('is not defined by operation "NNN')).length).toBeGreaterThan(
    5,
  );
  expect(JSON.stringify(errors).length).toBeLessThan(100 * LONGEST_ANSWER);
});

test('a suggestion is taken off after a literal that has its words', async () => {
  const { errors } = await gateway.ask('{ a: user(idd: " Did you mean that?") { id } }');
  expect(errors?.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['Unknown argument "idd" on field "Query.user".']),
  );
});

test('a document of nothing but lines, with many errors at its end, is refused as cheaply', async () => {
  const fields = Array.from({ length: 20 }, (_, index) => `x${index}`).join(' ');
  const query = `{${'\n'.repeat(LENGTH / 2)}${fields}}`;
  const cpu = await cpuOf(async () => {
    const { status, errors } = await gateway.ask(query);
    expect(status).toBe(400);
    expect(errors?.length).toBeLessThan(15);
  });
  expect(cpu).toBeLessThan(AT_MOST_CPU_MS);
});
