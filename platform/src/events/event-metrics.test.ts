import { createMetrics } from '../metrics/index.js';
import { eventually } from '../testing/eventually.js';
import { readOutboxStats } from './event-stats.js';
import { openBackboneTestBench } from './testing/backbone-test-bench.js';
import type { BackboneTestBench } from './testing/backbone-test-bench.js';
import { counted, countedEvent, recordEffects, silent } from './testing/event-test-bed.js';

let bench: BackboneTestBench;
beforeAll(async () => {
  bench = await openBackboneTestBench(({ busUrl }) => busUrl);
});
afterEach(() => bench.reset());
afterAll(() => bench.close());

test('metrics show what a service did with events, what waits and what is dead', async () => {
  const metrics = createMetrics('shop', silent);
  const service = bench.backbone('shop', { metrics });
  const topics = ['orion.shop'];
  service.consume({
    group: 'shop',
    topics,
    ordering: 'key',
    handle: recordEffects('shop', (n) => {
      if (n < 0) throw new Error('negative');
    }),
  });
  await service.start();
  const events = [1, 2, -1].map((n) => countedEvent('orion.shop', { key: `k${n}`, n }));
  await bench.append(events);
  await bench.publish([{ contract: { ...counted, topic: 'orion.shop' }, data: { counterId: 'c', n: 3 } }]);
  await eventually(async () => (await bench.parked('shop', 'dead')).length === 1);
  await eventually(async () => (await bench.numbers('shop')).length === 3);
  await eventually(async () => (await service.lag()).every(({ events: behind }) => behind === 0));
  expect((await service.lag()).map(({ group }) => group)).toEqual(['shop', 'shop.operations']);
  await eventually(async () => (await readOutboxStats(bench.bed.dataSource.manager)).depth === 0);
  const { text } = await metrics.page();
  const lines = text.split('\n').filter((line) => line.startsWith('orion_'));
  const expected = [
    'orion_events_total{group="shop",result="handled",service="shop"} 3',
    // Three attempts, the last of which killed it.
    'orion_events_total{group="shop",result="failed",service="shop"} 3',
    'orion_events_total{group="shop",result="dead",service="shop"} 1',
    'orion_events_total{group="shop",result="duplicate",service="shop"} 0',
    'orion_event_effect_seconds_count{service="shop",group="shop"} 3',
    'orion_parked_events{group="shop",state="dead",service="shop"} 1',
    'orion_parked_events{group="shop",state="retry",service="shop"} 0',
    'orion_parked_longest_queue{group="shop",service="shop"} 0',
    'orion_group_lag_events{group="shop",service="shop"} 0',
    'orion_group_lag_seconds{group="shop.operations",service="shop"} 0',
    'orion_outbox_events{service="shop"} 0',
    'orion_outbox_oldest_age_seconds{service="shop"} 0',
  ];
  expect(expected.filter((line) => !lines.includes(line))).toEqual([]);
  expect(text).toMatch(/orion_relay_batch_events_sum\{service="shop"\} [1-9]/);
  expect(text).toMatch(/orion_parked_oldest_age_seconds\{group="shop",service="shop"\} 0\.\d/);
});

test('metrics show a log that cannot be asked, and all the rest', async () => {
  const metrics = createMetrics('shop', silent);
  const transport = { ...bench.transport, lag: () => Promise.reject(new Error('the log is away')) };
  const service = bench.backbone('shop', { metrics, transport });
  await service.start();
  const { text } = await metrics.page();
  expect(text).toContain('orion_metrics_read_failed{source="group lag",service="shop"} 1');
  expect(text).toContain('orion_metrics_read_failed{source="outbox",service="shop"} 0');
  expect(text).toContain('orion_outbox_events{service="shop"} 0');
});
