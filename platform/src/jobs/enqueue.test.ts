import { eventually } from '../testing/eventually.js';
import { enqueue, JobValidationError } from './index.js';
import { gate, numbered, openJobTestBed } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(() => bed?.clear());
afterAll(() => bed?.close());

describe('enqueue', () => {
  it('makes a job if and only if the transaction commits', async () => {
    const seen: number[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async ({ data }) => void seen.push(data.n));
    await worker.start();
    await expect(
      bed.dataSource.transaction(async (manager) => {
        await enqueue(manager, [numbered.of({ n: 1 })]);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await bed.add(numbered.of({ n: 2 }));
    await bed.drained();
    expect(seen).toEqual([2]);
    await expect(enqueue(bed.dataSource.manager, [numbered.of({ n: 1 })])).rejects.toThrow('of a transaction');
  });

  it('names every problem of every job, and enqueues none', async () => {
    const wrong = bed.add(
      numbered.of({ n: 1 }),
      numbered.of({ n: 1.5 }),
      numbered.of({ n: 1 }, { key: '' }),
      numbered.of({ n: 1 }, { delayMs: Number.NaN }),
      numbered.of({ n: 1 }, { runAt: new Date('never') }),
    );
    await expect(wrong).rejects.toThrow(JobValidationError);
    const { problems } = (await wrong.catch((error: unknown) => error)) as JobValidationError;
    expect(problems).toHaveLength(4);
    expect(problems.every((problem) => problem.startsWith('test.numbered: '))).toBe(true);
    expect(await bed.depth()).toBe(0);
  });

  it('keeps one waiting job a key, and a new one may wait while the first runs', async () => {
    const first = await bed.add(numbered.of({ n: 1 }, { key: 'k' }), numbered.of({ n: 2 }, { key: 'k' }));
    expect(first).toEqual([expect.any(String), null]);
    expect(await bed.add(numbered.of({ n: 3 }, { key: 'k' }))).toEqual([null]);
    const { opened, open } = gate();
    const seen: number[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async ({ data }) => {
      seen.push(data.n);
      if (data.n === 1) await opened;
    });
    await worker.start();
    await eventually(() => seen.length === 1);
    expect(await bed.add(numbered.of({ n: 4 }, { key: 'k' }))).toEqual([expect.any(String)]);
    await eventually(() => seen.length === 2);
    open();
    await bed.drained();
    expect(seen).toEqual([1, 4]);
  });

  it('gives a waiting job of the key what the new one has, when it is to be replaced', async () => {
    const [id] = await bed.add(numbered.of({ n: 1 }, { key: 'k', delayMs: 60_000 }));
    const replaced = await bed.add(
      numbered.of({ n: 2 }, { key: 'k', onDuplicate: 'replace' }),
      numbered.of({ n: 3 }, { key: 'k', onDuplicate: 'replace', priority: 'high' }),
      numbered.of({ n: 4 }),
    );
    expect(replaced).toEqual([null, id, expect.any(String)]);
    const seen: unknown[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async (job) => void seen.push([job.data.n, job.priority]));
    await worker.start();
    await bed.drained();
    expect(seen).toEqual([
      [3, 'high'],
      [4, 'normal'],
    ]);
  });

  it('waits for the time, and wakes a worker in time that has nothing else to do', async () => {
    const seen: { n: number; late: number }[] = [];
    const worker = bed.worker();
    const start = Date.now();
    worker.handle(numbered, async ({ data }) => void seen.push({ n: data.n, late: Date.now() - start - data.n }));
    await worker.start();
    await bed.add(
      numbered.of({ n: 600 }, { runAt: new Date(start + 600) }),
      numbered.of({ n: 300 }, { delayMs: 300 }),
      numbered.of({ n: 0 }),
    );
    await bed.drained();
    expect(seen.map(({ n }) => n)).toEqual([0, 300, 600]);
    for (const { late } of seen) expect(late).toBeGreaterThanOrEqual(-20);
  });
});
