import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { eventually } from '../testing/eventually.js';
import { defineJob } from './index.js';
import { gate, numbered, openJobTestBed, range } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(() => bed?.clear());
afterAll(() => bed?.close());

describe('priorities', () => {
  it('let the urgent go first', async () => {
    const order: string[] = [];
    await bed.add(
      ...(['bulk', 'normal', 'high', 'critical'] as const).map((priority) => numbered.of({ n: 1 }, { priority })),
    );
    const worker = bed.worker();
    worker.handle(numbered, async ({ priority }) => void order.push(priority));
    await worker.start();
    await bed.drained();
    expect(order).toEqual(['critical', 'high', 'normal', 'bulk']);
  });

  it('leave a slot for critical jobs however much bulk is there', async () => {
    const { opened, open } = gate();
    let bulk = 0;
    const latencies: number[] = [];
    const worker = bed.worker({ concurrency: 10 });
    worker.handle(numbered, async ({ data, priority }) => {
      if (priority === 'critical') latencies.push(Date.now() - data.n);
      else {
        bulk += 1;
        await opened;
      }
    });
    await worker.start();
    await bed.add(...range(300).map((n) => numbered.of({ n }, { priority: 'bulk' })));
    await eventually(() => bulk === 7);
    for (let n = 0; n < 10; n += 1) {
      await bed.add(numbered.of({ n: Date.now() }, { priority: 'critical' }));
      await eventually(() => latencies.length === n + 1);
    }
    expect(Math.max(...latencies)).toBeLessThan(1_000);
    expect(bulk).toBe(7);
    open();
    await bed.drained();
    expect(bulk).toBe(300);
  });

  it('leave bulk its share however much is critical', async () => {
    const seen: string[] = [];
    await bed.add(...range(400).map((n) => numbered.of({ n }, { priority: 'critical' })));
    await bed.add(...range(5).map((n) => numbered.of({ n }, { priority: 'bulk' })));
    const worker = bed.worker({ concurrency: 10 });
    worker.handle(numbered, async ({ priority }) => {
      seen.push(priority);
      await wait(5);
    });
    await worker.start();
    await bed.drained();
    expect(seen.lastIndexOf('bulk')).toBeLessThan(200);
  });

  it('do not let a kind with a long queue and few slots hold up another', async () => {
    const narrow = defineJob({ name: 'test.narrow', schema: z.object({}), concurrency: 2 });
    const { opened, open } = gate();
    let [now, most, others] = [0, 0, 0];
    const worker = bed.worker();
    worker.handle(narrow, async () => {
      now += 1;
      most = Math.max(most, now);
      await opened;
      now -= 1;
    });
    worker.handle(numbered, async () => void (others += 1));
    await worker.start();
    await bed.add(...range(500).map(() => narrow.of({})));
    await eventually(() => now === 2);
    await bed.add(...range(50).map((n) => numbered.of({ n })));
    await eventually(() => others === 50);
    open();
    await bed.drained();
    expect(most).toBe(2);
  });
});
