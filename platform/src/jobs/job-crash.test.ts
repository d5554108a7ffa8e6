import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../testing/eventually.js';
import { listDeadJobs } from './index.js';
import { gate, numbered, openJobTestBed, range, soonLost } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';

const FIXTURE = fileURLToPath(new URL('job-process.fixture.js', import.meta.url));
const JOBS_OF_A_BATCH = 60;
/** Processes take their time to start on a busy machine. */
const LONGEST_MS = 120_000;

let bed: JobTestBed;
const processes: ChildProcess[] = [];
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(async () => {
  for (const child of processes.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await bed?.clear();
});
afterAll(() => bed?.close());

async function start(mode: 'plain' | 'transactional', { dieAt = 0, takesMs = 0 } = {}): Promise<ChildProcess> {
  const child = fork(FIXTURE, [mode, bed.databaseUrl, String(dieAt), String(takesMs)]);
  processes.push(child);
  await once(child, 'message');
  return child;
}

test(
  'processes that are killed in the middle of transactional jobs lose none and double none',
  async () => {
    const children = await Promise.all([
      start('transactional', { dieAt: 20, takesMs: 2 }),
      start('transactional', { dieAt: 35, takesMs: 2 }),
      start('transactional', { takesMs: 2 }),
    ]);
    await bed.add(...range(JOBS_OF_A_BATCH).map((n) => numbered.of({ n })));
    await bed.add(...range(JOBS_OF_A_BATCH).map((n) => numbered.of({ n: JOBS_OF_A_BATCH + n })));
    await bed.drained();
    expect((await bed.effects()).map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(range(2 * JOBS_OF_A_BATCH));
    expect(children[0]?.signalCode).toBe('SIGKILL');
  },
  LONGEST_MS,
);

test(
  'jobs of a killed process run again when its lease ends, and not sooner',
  async () => {
    const victim = await start('plain', { dieAt: 1 });
    const enqueuedAt = Date.now();
    await bed.add(numbered.of({ n: 1 }));
    await once(victim, 'exit');
    const attempts: number[] = [];
    const survivor = bed.worker();
    survivor.handle(numbered, ({ attempt }) => Promise.resolve(attempts.push(attempt)));
    await survivor.start();
    await bed.drained();
    expect(attempts).toEqual([2]);
    expect(await bed.effects()).toEqual([]);
    const took = Date.now() - enqueuedAt;
    expect(took).toBeGreaterThan(soonLost.leaseMs - 50);
    // The lease, a poll, and a slow machine.
    expect(took).toBeLessThan(soonLost.leaseMs + 10_000);
  },
  LONGEST_MS,
);

test(
  'a process that slept through its lease cannot complete while others run the job',
  async () => {
    const sleeper = await start('transactional', { takesMs: 300 });
    await bed.add(numbered.of({ n: 1 }));
    await once(sleeper, 'message');
    sleeper.kill('SIGSTOP');
    const { opened, open } = gate();
    const attempts: number[] = [];
    const worker = bed.worker();
    worker.handleInTransaction(numbered, async ({ data, attempt }, manager) => {
      attempts.push(attempt);
      await manager.query('INSERT INTO effects (n, attempt, pid) VALUES ($1, $2, 0)', [data.n, attempt]);
      await opened;
    });
    await worker.start();
    await eventually(() => attempts.length === 1);
    sleeper.kill('SIGCONT');
    // It wakes in the middle of its handler, ends it, and finds that its token is too old.
    await eventually(async () => {
      const rows: unknown[] = await bed.dataSource.query(
        `SELECT 1 FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'fixture' AND xact_start IS NOT NULL`,
      );
      return rows.length === 0;
    });
    expect(await bed.effects()).toEqual([]);
    open();
    await bed.drained();
    expect(await bed.effects()).toEqual([{ n: 1, attempt: 2, pid: 0 }]);
    expect(attempts).toEqual([2]);
  },
  LONGEST_MS,
);

test(
  'a job that kills whoever runs it is dead after its attempts',
  async () => {
    for (const attempt of range(numbered.retry.maxAttempts)) {
      const victim = await start('plain', { dieAt: 1 });
      if (attempt === 0) await bed.add(numbered.of({ n: 1 }));
      await once(victim, 'exit');
    }
    await start('plain', { dieAt: 1 });
    await bed.drained();
    expect(await listDeadJobs(bed.dataSource.manager, { limit: 10 })).toMatchObject([
      { data: { n: 1 }, error: 'the last attempt was not finished' },
    ]);
    expect(await bed.effects()).toEqual([]);
  },
  LONGEST_MS,
);
