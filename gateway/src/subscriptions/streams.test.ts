import { NO_METRICS } from '../observability/metrics.js';
import { anonymousCaller } from '../security/caller.js';
import type { SubgraphAnswer } from '../execution/subgraph-call.js';
import { createStreams } from './streams.js';
import type { UpstreamSink } from './upstreams.js';

test('all who listen to a stream get the very same event', () => {
  const sinks: UpstreamSink[] = [];
  const streams = createStreams({
    upstreams: {
      open: (_request, sink) => {
        sinks.push(sink);
        return () => undefined;
      },
      close: () => undefined,
    },
    onLoss: 'resume',
    metrics: NO_METRICS,
  });
  const request = {
    key: 'k',
    subgraph: { name: 's', url: 'http://localhost/' },
    operation: { query: 'subscription { a }', operationName: undefined, variables: {} },
    caller: anonymousCaller({ requestId: 'r', clientIp: null, userAgent: null }),
  };
  const received: SubgraphAnswer[] = [];
  const listener = {
    event: (answer: SubgraphAnswer) => void received.push(answer),
    gap: () => undefined,
    failed: () => undefined,
    completed: () => undefined,
  };
  streams.attach(request, { ...listener });
  streams.attach(request, { ...listener });
  const answer = { data: { a: { b: [1] } } };
  expect(sinks).toHaveLength(1);
  sinks[0]?.event(answer);
  expect(received).toHaveLength(2);
  for (const one of received) expect(one).toBe(answer);
});
