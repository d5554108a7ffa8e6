import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { currentCause, runCausedBy } from '../events/causation.js';
import { uuidv7 } from '../ids/index.js';
import { eventually } from '../testing/eventually.js';
import { defineJob, discardDeadJobs, listDeadJobs, PermanentJobError, readJob, redriveDeadJobs } from './index.js';
import { gate, numbered, openJobTestBed, range } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(() => bed?.clear());
afterAll(() => bed?.close());

describe('a job', () => {
  it('runs under the cause of who enqueued it', async () => {
    const cause = { correlationId: uuidv7(), causationId: uuidv7(), actorId: uuidv7() };
    const seen: unknown[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async () => void seen.push(currentCause()));
    await worker.start();
    await runCausedBy(cause, () => bed.add(numbered.of({ n: 1 })));
    await bed.drained();
    expect(seen).toEqual([cause]);
  });

  it('in a transaction has its effects exactly when it is done, and none when it fails', async () => {
    const worker = bed.worker();
    worker.handleInTransaction(numbered, async ({ data, attempt }, manager) => {
      await manager.query('INSERT INTO effects (n, attempt, pid) VALUES ($1, $2, 0)', [data.n, attempt]);
      if (attempt < 3) throw new Error('not yet');
    });
    await worker.start();
    await bed.add(...range(20).map((n) => numbered.of({ n })));
    await bed.drained();
    expect((await bed.effects()).map(({ n, attempt }) => [n, attempt]).toSorted(([a = 0], [b = 0]) => a - b)).toEqual(
      range(20).map((n) => [n, 3]),
    );
    expect(worker.counts()).toEqual([{ name: numbered.name, priority: 'normal', done: 20, retried: 40, dead: 0 }]);
  });

  it('whose last attempt fails is dead: kept, announced and recorded, until somebody decides', async () => {
    let isMended = false;
    const worker = bed.worker();
    worker.handle(numbered, async () => {
      if (!isMended) throw new Error('broken\0');
    });
    await worker.start();
    const [one = '', two = ''] = (await bed.add(
      numbered.of({ n: 1 }, { key: 'k' }),
      numbered.of({ n: 2 }),
    )) as string[];
    await bed.drained();
    const dead = await listDeadJobs(bed.dataSource.manager, { name: numbered.name, limit: 10 });
    expect(dead).toMatchObject([
      { id: one, name: numbered.name, key: 'k', data: { n: 1 }, attempts: 3, error: 'Error: broken' },
      { id: two, data: { n: 2 } },
    ]);
    expect(await readJob(bed.dataSource, one)).toMatchObject({ state: 'dead', attempt: 3 });
    const told: { type: string; data: object }[] = await bed.dataSource.query(
      `SELECT envelope->>'type' AS type, envelope->'data' AS data FROM outbox WHERE envelope->>'key' = $1 ORDER BY seq`,
      [one],
    );
    expect(told).toMatchObject([
      {
        type: 'dev.orion.job.dead_lettered.v1',
        data: { service: 'test', jobId: one, name: numbered.name, attempts: 3 },
      },
      {
        type: 'dev.orion.audit.recorded.v1',
        data: { action: 'job.dead_lettered', targets: [{ type: 'job', id: one }] },
      },
    ]);
    isMended = true;
    expect(await redriveDeadJobs(bed.dataSource.manager, { jobIds: [one] })).toBe(1);
    expect(await redriveDeadJobs(bed.dataSource.manager, { jobIds: [one] })).toBe(0);
    await bed.drained();
    expect(await discardDeadJobs(bed.dataSource.manager, { jobIds: [one, two] })).toBe(1);
    expect(await listDeadJobs(bed.dataSource.manager, { limit: 10 })).toEqual([]);
  });

  it('has what came of it recorded in the transaction that ends it, together with others', async () => {
    const batches: number[] = [];
    let failures = 2;
    const worker = bed.worker();
    worker.handle(
      numbered,
      ({ data, attempt }) =>
        attempt === 1 && data.n === 0 ? Promise.reject(new Error('first')) : Promise.resolve(data.n * 2),
      {
        async record(manager, ended) {
          for (const { job, outcome, result, error, isHeld } of ended) {
            expect(isHeld).toBe(true);
            expect(outcome === 'done' ? result : error).toBe(outcome === 'done' ? job.data.n * 2 : 'Error: first');
            await manager.query('INSERT INTO effects (n, attempt, pid) VALUES ($1, $2, 0)', [job.data.n, job.attempt]);
          }
          if ((failures -= 1) >= 0) throw new Error('the database is away');
          batches.push(ended.length);
        },
      },
    );
    await bed.add(...range(20).map((n) => numbered.of({ n })));
    await worker.start();
    await bed.drained();
    const effects = (await bed.effects()).map(({ n, attempt }) => [n, attempt]);
    expect(effects.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)).toEqual([
      [0, 1],
      [0, 2],
      ...range(19).map((n) => [n + 1, 1]),
    ]);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(21);
  });

  it('that was lost is recorded as such, and nothing else of it', async () => {
    const { opened, open } = gate();
    const seen: unknown[] = [];
    const worker = bed.worker();
    worker.handle(numbered, () => opened.then(() => 'sent'), {
      record: (_manager, ended) =>
        Promise.resolve(void seen.push(...ended.map(({ isHeld, result }) => [isHeld, result]))),
    });
    await worker.start();
    const [id = ''] = (await bed.add(numbered.of({ n: 1 }))) as string[];
    await eventually(async () => (await readJob(bed.dataSource, id))?.state === 'running');
    await bed.dataSource.query('DELETE FROM jobs');
    open();
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([[false, 'sent']]);
  });

  it('that says trying again is of no use is dead at once', async () => {
    const worker = bed.worker();
    worker.handle(numbered, () => Promise.reject(new PermanentJobError('gone')));
    await worker.start();
    const [id = ''] = (await bed.add(numbered.of({ n: 1 }))) as string[];
    await bed.drained();
    expect(await readJob(bed.dataSource, id)).toMatchObject({
      state: 'dead',
      attempt: 1,
      error: 'PermanentJobError: gone',
    });
  });

  it('with data that its kind does not know is tried again: a newer process may know it', async () => {
    const newer = defineJob({ name: numbered.name, schema: z.object({ m: z.string() }) });
    const worker = bed.worker();
    worker.handle(numbered, () => Promise.resolve());
    await worker.start();
    const [id = ''] = (await bed.add(newer.of({ m: 'new' }))) as string[];
    await eventually(async () => (await readJob(bed.dataSource, id))?.state === 'dead');
    expect((await readJob(bed.dataSource, id))?.error).toContain('data is not as test.numbered says');
  });

  it('that takes too long is told, fails and is tried again, also when it does not listen', async () => {
    const slow = defineJob({
      name: 'test.slow',
      schema: z.object({}),
      timeoutMs: 50,
      retry: { maxAttempts: 2, baseMs: 1 },
    });
    const reasons: unknown[] = [];
    const worker = bed.worker();
    worker.handle(slow, async ({ attempt }, { signal }) => {
      signal.addEventListener('abort', () => reasons.push((signal.reason as Error).name));
      if (attempt === 1) await wait(60_000, undefined, { signal });
      else await new Promise(() => undefined);
    });
    await worker.start();
    const [id = ''] = (await bed.add(slow.of({}))) as string[];
    await eventually(async () => (await readJob(bed.dataSource, id))?.state === 'dead');
    expect(reasons).toEqual(['JobTimeoutError', 'JobTimeoutError']);
  });

  it('keeps its lease for as long as it runs, notes its progress and is known while it lasts', async () => {
    const { opened, open } = gate();
    let runs = 0;
    const leased = { ...numbered, leaseMs: 1_500 };
    const worker = bed.worker();
    const other = bed.worker();
    for (const one of [worker, other]) {
      one.handle(leased, async (_job, { heartbeat, progress }) => {
        runs += 1;
        await progress({ percent: 50 });
        await heartbeat();
        await opened;
      });
      await one.start();
    }
    const [id = ''] = (await bed.add(numbered.of({ n: 1 }))) as string[];
    await eventually(async () => (await readJob(bed.dataSource, id))?.progress !== null);
    // More than twice the lease.
    await wait(2 * leased.leaseMs + 300);
    expect(await readJob(bed.dataSource, id)).toMatchObject({
      state: 'running',
      attempt: 1,
      progress: { percent: 50 },
    });
    open();
    await bed.drained();
    expect(runs).toBe(1);
    expect(await readJob(bed.dataSource, id)).toBeNull();
  });
});
