import fc from 'fast-check';
import { claimJobs } from './claimed-job.js';
import type { ClaimedJob } from './claimed-job.js';
import { cancelJobs, enqueue, pauseJob, redriveDeadJobs, resumeJob } from './index.js';
import { JobQueueModel } from './job-queue-model.js';
import { numbered, openJobTestBed } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';
import { PRIORITIES } from './job.js';
import type { JobPriority } from './job.js';
import { withClient } from './pooled-client.js';
import { settleJobs } from './settlement.js';
import type { Ending } from './settlement.js';

const RUNS = 40;
const LONGEST = 40;

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterAll(() => bed?.close());

const ENDINGS: Readonly<Record<Ending['outcome'], Ending>> = {
  done: { outcome: 'done' },
  retry: { outcome: 'retry', delayMs: 0, error: 'failed' },
  dead: { outcome: 'dead', error: 'failed' },
  released: { outcome: 'released' },
};

/** What operators, producers and workers do. `pick` chooses among what there is. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('enqueue' as const),
      priority: fc.constantFrom<JobPriority>(...PRIORITIES),
      key: fc.option(fc.constantFrom('a', 'b', 'c')),
      replaces: fc.boolean(),
      isDue: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('claim' as const), most: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      pick: fc.nat(50),
      outcome: fc.constantFrom<Ending['outcome']>('done', 'retry', 'dead', 'released'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), pick: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), key: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancelOne' as const), pick: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('redrive' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The queue and its model, side by side. `claims` are all that were ever made: some are too old to count. */
class Pair {
  readonly model = new JobQueueModel();
  readonly claims: ClaimedJob[] = [];

  async take(one: Step): Promise<void> {
    const { dataSource } = bed;
    const { model, claims } = this;
    switch (one.do) {
      case 'enqueue': {
        const { priority, isDue, key, replaces } = one;
        const options = {
          priority,
          delayMs: isDue ? 0 : 3_600_000,
          onDuplicate: replaces ? 'replace' : 'keep',
        } as const;
        const [id] = await dataSource.transaction((manager) =>
          enqueue(manager, [numbered.of({ n: 1 }, { ...options, ...(key !== null && { key }) })]),
        );
        const waiting = key === null ? undefined : model.waitingUnder(key);
        if (waiting === undefined) model.add(id ?? 'none', { priority, key, isDue });
        else {
          expect(id).toBe(replaces ? waiting.id : null);
          if (replaces) Object.assign(waiting, { priority, isDue, order: model.next() });
        }
        return;
      }
      case 'claim': {
        const expected = model.claim(one.most).map(({ id, token, attempt }) => ({ id, token, attempt }));
        const claimed = await withClient(dataSource, (client) =>
          claimJobs(client, {
            kinds: [{ name: numbered.name, free: one.most, leaseMs: 3_600_000 }],
            reserved: [0, 0, 0, 0],
            shared: one.most,
          }),
        );
        expect(claimed.map(({ id, token, attempt }) => ({ id, token, attempt }))).toEqual(expected);
        claims.push(...claimed);
        return;
      }
      case 'settle': {
        const claim = claims[one.pick % Math.max(1, claims.length)];
        if (claim === undefined) return;
        const job = model.heldBy(claim);
        const held = await settleJobs(dataSource, 'test', [{ job: claim, ending: ENDINGS[one.outcome] }]);
        expect([...held]).toEqual(job === undefined ? [] : [claim.id]);
        if (job !== undefined) model.settle(job, one.outcome);
        return;
      }
      case 'expire': {
        const leased = [...model.jobs.values()].filter(({ isLeased }) => isLeased);
        const job = leased[one.pick % Math.max(1, leased.length)];
        if (job === undefined) return;
        job.isLeased = false;
        await dataSource.query(`UPDATE jobs SET lease_until = '-infinity' WHERE id = $1`, [job.id]);
        return;
      }
      case 'renew': {
        const kept: { id: string }[] = await dataSource.query('SELECT renew_jobs_v1($1, $2, $3) AS id', [
          claims.map(({ id }) => id),
          claims.map(({ token }) => token),
          claims.map(() => 3_600_000),
        ]);
        const jobs = claims.flatMap((claim) => model.heldBy(claim) ?? []);
        for (const job of jobs) job.isLeased = true;
        expect(kept.map(({ id }) => id).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
        return;
      }
      case 'cancel':
      case 'cancelOne': {
        const alive = [...model.jobs.values()].filter(({ isDead }) => !isDead);
        const gone =
          one.do === 'cancel' ? alive.filter(({ key }) => key === one.key) : alive.slice(one.pick, one.pick + 1);
        const selection =
          one.do === 'cancel' ? { name: numbered.name, key: one.key } : { ids: gone.map(({ id }) => id) };
        expect(await cancelJobs(dataSource.manager, selection)).toBe(gone.length);
        for (const { id } of gone) model.jobs.delete(id);
        return;
      }
      case 'redrive': {
        const dead = [...model.jobs.values()].filter(({ isDead }) => isDead);
        // One by one: what comes back together has no order.
        for (const job of dead) {
          expect(await redriveDeadJobs(dataSource.manager, { jobIds: [job.id] })).toBe(1);
          model.redrive(job);
        }
        return;
      }
      case 'pause':
      case 'resume':
        model.isPaused = one.do === 'pause';
        await (model.isPaused ? pauseJob : resumeJob)(dataSource.manager, numbered);
    }
  }

  async compare(): Promise<void> {
    const rows: unknown[] = await bed.dataSource.query(
      `SELECT id, priority, key, coalesce(holds_key, false) AS "holdsKey", run_at <= now() AS "isDue",
              lease_until > now() AS "isLeased", false AS "isDead", token, attempt FROM jobs
       UNION ALL SELECT id, priority, key, false, true, false, true, token, attempts FROM dead_jobs ORDER BY id`,
    );
    const expected = [...this.model.jobs.values()]
      .map(({ order: _, ...job }) => ({
        ...job,
        priority: PRIORITIES.indexOf(job.priority),
        ...(job.isDead && { holdsKey: false, isDue: true }),
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(rows).toEqual(expected);
  }
}

test('whatever producers, workers and operators do in whatever order, the queue is what its model says', async () => {
  const property = fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: LONGEST }), async (steps) => {
      await bed.clear();
      const pair = new Pair();
      for (const one of steps) {
        await pair.take(one);
        await pair.compare();
      }
    }),
    { numRuns: RUNS },
  );
  await expect(property).resolves.toBeUndefined();
}, 120_000);
