import { createGateway } from '@orion/gateway';
import { createPrometheus } from '@orion/gateway/prometheus';
import { runService } from '@orion/platform/lifecycle';
import { createLogger } from '@orion/platform/log';
import type { Sample } from './sample.js';

/** So small that a minute of load fills it several times over. */
const DOCUMENT_CACHE_BYTES = 512 * 1024;

/**
 * A gateway in a process of its own, started with `--expose-gc`: `gateway.js SUPERGRAPH`. Answers the message `sample`
 * with what is on its heap after a collection. The gateway itself has no such door.
 */
await runService(async () => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('start it with --expose-gc');
  const { metrics } = createPrometheus();
  let reloads = 0;
  const gateway = createGateway({
    supergraph: { file: process.argv[2] ?? '' },
    port: 0,
    logger: createLogger('gateway', { level: 'fatal' }),
    documentCacheBytes: DOCUMENT_CACHE_BYTES,
    connections: { perIp: 10_000 },
    metrics: {
      ...metrics,
      supergraphReloaded: (isAccepted) => {
        if (isAccepted) reloads += 1;
        metrics.supergraphReloaded(isAccepted);
      },
    },
  });
  process.on('message', (message) => {
    if (message !== 'sample') return;
    void gc();
    void gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send?.({ type: 'sample', heapUsed, external, rss, reloads } satisfies Sample);
  });
  const { port } = await gateway.start();
  return { port, stop: () => gateway.stop() };
});
