import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { eventually } from '../testing/eventually.js';
import { defineJob, enqueue, readJob } from './index.js';
import { gate, numbered, openDataSource, openJobTestBed, range, silent } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(() => bed?.clear());
afterAll(() => bed?.close());

describe('a worker', () => {
  it('that stops lets jobs finish, then aborts them, and what it gives back runs elsewhere as if not tried', async () => {
    const { opened, open } = gate();
    const began: number[] = [];
    const reasons: string[] = [];
    const first = bed.worker({ patienceMs: 100 });
    first.handle(numbered, async ({ data }, { signal }) => {
      began.push(data.n);
      if (data.n === 1) return wait(50);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      reasons.push((signal.reason as Error).name);
      throw new Error('interrupted');
    });
    await first.start();
    const [, id = ''] = (await bed.add(numbered.of({ n: 1 }), numbered.of({ n: 2 }))) as string[];
    await eventually(() => began.length === 2);
    await first.stop();
    expect(reasons).toEqual(['WorkerStoppedError']);
    expect(await readJob(bed.dataSource, id)).toMatchObject({ state: 'waiting', attempt: 0 });
    const attempts: unknown[] = [];
    const second = bed.worker();
    second.handle(numbered, async ({ data, attempt }) => void attempts.push([data.n, attempt]));
    await second.start();
    await bed.drained();
    open();
    await opened;
    expect(attempts).toEqual([[2, 1]]);
  });

  it('shares the work with others: every job runs once', async () => {
    const seen: number[] = [];
    for (const worker of [bed.worker(), bed.worker(), bed.worker()]) {
      worker.handle(numbered, async ({ data }) => void seen.push(data.n));
      await worker.start();
    }
    for (let batch = 0; batch < 10; batch += 1)
      await bed.add(...range(100).map((n) => numbered.of({ n: batch * 100 + n })));
    await bed.drained();
    expect(seen.toSorted((one, other) => one - other)).toEqual(range(1_000));
  });

  it('hears of jobs that other processes enqueue, at once', async () => {
    const seen: number[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async ({ data }) => void seen.push(Date.now() - data.n));
    await worker.start();
    const elsewhere = await openDataSource(bed.databaseUrl);
    for (let n = 0; n < 20; n += 1) {
      await elsewhere.transaction((manager) => enqueue(manager, [numbered.of({ n: Date.now() })]));
      await eventually(() => seen.length === n + 1, { every: 1 });
    }
    await elsewhere.destroy();
    // The poll alone would take half a second on average.
    expect(seen.toSorted((one, other) => one - other)[10]).toBeLessThan(250);
  });

  it('goes on when its connections were cut', async () => {
    const seen: number[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async ({ data }) => void seen.push(data.n));
    await worker.start();
    await bed.add(numbered.of({ n: 1 }));
    await bed.drained();
    await bed.dataSource
      .query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()`)
      .catch(() => undefined);
    await eventually(() => bed.add(numbered.of({ n: 2 })));
    await eventually(() => seen.includes(2));
  });

  it('refuses what cannot work', () => {
    expect(() => bed.worker({ concurrency: 3 })).toThrow('at least 4');
    expect(() => defineJob({ name: 'Not a name', schema: z.object({}) })).toThrow('lower case');
    const worker = bed.worker({ logger: silent });
    worker.handle(numbered, () => Promise.resolve());
    expect(() => worker.handle(numbered, () => Promise.resolve())).toThrow('two handlers');
    expect(() => worker.schedule({ name: 's', cron: '61 * * * *', job: numbered.of({ n: 1 }) })).toThrow('not usable');
    expect(() =>
      worker.schedule({ name: 's', cron: '@daily', timezone: 'Mars/Base', job: numbered.of({ n: 1 }) }),
    ).toThrow('not usable');
  });
});
