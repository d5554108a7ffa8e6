import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../testing/eventually.js';
import { cancelJobs, pauseJob, readJobStats, resumeJob } from './index.js';
import { gate, numbered, openJobTestBed } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(() => bed?.clear());
afterAll(() => bed?.close());

describe('operators', () => {
  it('pause a kind in all processes, and resume it', async () => {
    const seen: number[] = [];
    for (const worker of [bed.worker(), bed.worker()]) {
      worker.handle(numbered, async ({ data }) => void seen.push(data.n));
      await worker.start();
    }
    await pauseJob(bed.dataSource.manager, numbered);
    await bed.add(numbered.of({ n: 1 }));
    await wait(300);
    expect(seen).toEqual([]);
    expect(await readJobStats(bed.dataSource)).toMatchObject([{ name: numbered.name, waiting: 1, paused: true }]);
    await resumeJob(bed.dataSource.manager, numbered);
    await bed.drained();
    expect(seen).toEqual([1]);
  });

  it('cancel what waits, by key, and what runs, by id: it is told, and nothing of it takes effect', async () => {
    const reasons: string[] = [];
    const { opened, open } = gate();
    const worker = bed.worker();
    let isBegun = false;
    worker.handleInTransaction(numbered, async ({ data }, manager, { signal }) => {
      signal.addEventListener('abort', () => reasons.push((signal.reason as Error).name));
      await manager.query('INSERT INTO effects (n, attempt, pid) VALUES ($1, 1, 0)', [data.n]);
      isBegun = true;
      await opened;
    });
    await worker.start();
    const [id = ''] = (await bed.add(
      numbered.of({ n: 1 }),
      numbered.of({ n: 2 }, { key: 'k', delayMs: 60_000 }),
    )) as string[];
    await eventually(() => isBegun);
    expect(await cancelJobs(bed.dataSource.manager, { name: numbered.name, key: 'k' })).toBe(1);
    expect(await cancelJobs(bed.dataSource.manager, { ids: [id] })).toBe(1);
    expect(await cancelJobs(bed.dataSource.manager, { ids: [id] })).toBe(0);
    await eventually(() => reasons.length === 1);
    open();
    await worker.stop();
    expect(reasons).toEqual(['JobLostError']);
    expect(await bed.effects()).toEqual([]);
    expect(await bed.depth()).toBe(0);
  });

  it('see depth, age and rate by kind and priority', async () => {
    await bed.add(
      numbered.of({ n: 1 }, { runAt: new Date(Date.now() - 5_000) }),
      numbered.of({ n: 2 }),
      numbered.of({ n: 3 }, { delayMs: 60_000 }),
      numbered.of({ n: 4 }, { priority: 'bulk', delayMs: 60_000 }),
    );
    const [normal, bulk] = await readJobStats(bed.dataSource);
    expect(normal).toMatchObject({
      name: numbered.name,
      priority: 'normal',
      waiting: 2,
      delayed: 1,
      running: 0,
      dead: 0,
    });
    expect(Date.now() - (normal?.oldestAt?.getTime() ?? 0)).toBeGreaterThan(4_900);
    expect(bulk).toMatchObject({ priority: 'bulk', waiting: 0, delayed: 1, oldestAt: null, paused: false });
    const worker = bed.worker();
    worker.handle(numbered, () => Promise.resolve());
    await worker.start();
    await eventually(async () => (await bed.depth()) === 2);
    await worker.stop();
    expect((await readJobStats(bed.dataSource))[0]).toMatchObject({ priority: 'normal', perMinute: 0.4 });
  });
});
