import { compose, startTestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';
import type { TestGraph } from '../testing/test-graph.js';

const QUERY = '{ notes { title actor { name } } }';
let graph: TestGraph;
let sdl: string;

beforeAll(async () => {
  graph = await startTestGraph();
  sdl = await compose(graph.subgraphs);
});

afterAll(() => graph.stop());

async function ask(
  endpoint: string,
  headers: Readonly<Record<string, string>> = { 'x-orion-explain': 'plan' },
  query = QUERY,
) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data: unknown; extensions?: { queryPlan?: unknown } };
}

test('in development the plan comes beside the answer when it is asked for', async () => {
  const gateway = await startTestGateway({ supergraph: { sdl } });
  const { data, extensions } = await ask(gateway.endpoint);
  expect(data).toMatchObject({ notes: [{ actor: { name: 'Ada' } }, { actor: { name: 'Ada' } }] });
  expect(extensions?.queryPlan).toMatchObject({
    kind: 'Sequence',
    nodes: [
      { kind: 'Fetch', serviceName: 'inbox' },
      { kind: 'Flatten', node: { kind: 'Fetch', serviceName: 'accounts' } },
    ],
  });
  expect(await ask(gateway.endpoint, {})).toEqual({ data });
  expect(await ask(gateway.endpoint, undefined, '{ __typename }')).toEqual({
    data: { __typename: 'Query' },
    extensions: { queryPlan: null },
  });
  await gateway.stop();
});

test('in production nobody is shown a plan', async () => {
  const gateway = await startTestGateway({ supergraph: { sdl }, production: true });
  expect(await ask(gateway.endpoint)).not.toHaveProperty('extensions');
  await gateway.stop();
});
