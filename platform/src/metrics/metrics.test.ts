import { createLogger } from '../log/index.js';
import { createMetrics } from './index.js';

const silent = createLogger('test', { level: 'silent' });

describe('metrics of a service', () => {
  it('keeps services of one process apart and shows the process to each', async () => {
    const [one, two] = [createMetrics('one', silent), createMetrics('two', silent)];
    const description = { name: 'orion_things_total', help: 'Things', labels: ['kind'] } as const;
    one.counter(description).inc({ kind: 'a' });
    one.counter(description).inc({ kind: 'a' }, 2);
    two.counter(description).inc({ kind: 'a' }, 10);
    const { contentType, text } = await one.page();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('orion_things_total{kind="a",service="one"} 3');
    expect(text).not.toContain('service="two"');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect((await two.page()).text).toContain('orion_things_total{kind="a",service="two"} 10');
  });

  it('reads costly values when it is scraped, and at most every five seconds', async () => {
    const metrics = createMetrics('one', silent);
    const depth = metrics.gauge({ name: 'orion_depth', help: 'Depth' });
    let reads = 0;
    const forget = metrics.onScrape('depth', async () => {
      depth.set((reads += 1));
      return Promise.resolve();
    });
    expect(reads).toBe(0);
    const pages = await Promise.all([metrics.page(), metrics.page(), metrics.page()]);
    expect((await metrics.page()).text).toContain('orion_depth{service="one"} 1');
    expect(pages).toHaveLength(3);
    expect(reads).toBe(1);
    forget();
  });

  it('gives the page, and says so in it, when a source fails', async () => {
    const metrics = createMetrics('one', silent);
    metrics.onScrape('good', () => Promise.resolve());
    metrics.onScrape('bad', () => Promise.reject(new Error('no database')));
    const { text } = await metrics.page();
    expect(text).toContain('orion_metrics_read_failed{source="good",service="one"} 0');
    expect(text).toContain('orion_metrics_read_failed{source="bad",service="one"} 1');
  });
});
