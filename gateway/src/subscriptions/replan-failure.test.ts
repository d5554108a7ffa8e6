import { eventually } from '@orion/platform/testing';
import { NO_METRICS } from '../observability/metrics.js';
import { reloadableSupergraph } from '../testing/reloadable-supergraph.js';
import { connectClient } from '../testing/test-client.js';
import { recordingLogger, startTestGateway } from '../testing/test-gateway.js';
import { startTickGraph } from '../testing/tick-graph.js';

test('a fault while subscriptions are planned anew is logged, and the gateway goes on', async () => {
  const graph = await startTickGraph();
  const supergraph = reloadableSupergraph(await graph.supergraph({ address: 1, hasTopic: true }));
  const { logger, lines } = recordingLogger();
  let opened = 0;
  const gateway = await startTestGateway({
    supergraph: { manager: supergraph.manager },
    subscriptions: { lingerMs: 0 },
    logger,
    metrics: {
      ...NO_METRICS,
      upstreamOpened: () => {
        opened += 1;
        if (opened === 2) throw new Error('the counter is broken');
      },
    },
  });
  const client = connectClient(gateway.socketUrl);
  client.subscribe('subscription { ticks(room: "a") { n } }');
  await eventually(() => graph.ticks.liveSubscriptions() === 1);
  supergraph.change(await graph.supergraph({ address: 2, hasTopic: true }));
  await eventually(() => opened === 2);
  await eventually(() => lines.some((line) => line.includes('subscriptions could not follow the new supergraph')));
  expect((await gateway.ask('{ room(id: "a") { name } }')).status).toBe(200);
  await client.close();
  await gateway.stop();
  await graph.stop();
});
