import { eventually } from '@orion/platform/testing';
import { NO_METRICS } from '../observability/metrics.js';
import { connectClient } from '../testing/test-client.js';
import { compose, startTestGateway } from '../testing/test-gateway.js';
import { startTestGraph } from '../testing/test-graph.js';

test('an operation that is refused on a socket counts once', async () => {
  const graph = await startTestGraph();
  const refused: string[] = [];
  const gateway = await startTestGateway({
    supergraph: { sdl: await compose(graph.subgraphs) },
    metrics: { ...NO_METRICS, refused: (code) => void refused.push(code) },
  });
  const client = connectClient(gateway.socketUrl);
  let text: unknown = 't';
  for (let depth = 0; depth < 300; depth += 1) text = [text];
  await expect(client.ask('query ($text: String!) { echo(text: $text) }', { text })).rejects.toMatchObject([
    { extensions: { code: 'BAD_REQUEST' } },
  ]);
  await eventually(() => refused.length > 0);
  expect(refused).toEqual(['BAD_REQUEST']);
  await client.close();
  await gateway.stop();
  await graph.stop();
});
