import { eventually } from '../testing/eventually.js';
import type { PendingJob } from './job.js';
import { numbered, openJobTestBed, silent } from './job-test-bed.js';
import type { JobTestBed } from './job-test-bed.js';
import { checkSchedule } from './schedule.js';
import type { Schedule } from './schedule.js';
import { createScheduler } from './scheduler.js';
import { triggerSchedule } from './trigger-schedule.js';

const MINUTE_MS = 60_000;

let bed: JobTestBed;
beforeAll(async () => {
  bed = await openJobTestBed();
});
afterEach(() => bed?.clear());
afterAll(() => bed?.close());

/** A job whose data is the time that it was made for, in minutes since 1970. */
const stamped = (at: Date): PendingJob => numbered.of({ n: at.getTime() / MINUTE_MS });

/** Times for which jobs were made and not run yet. */
async function made(): Promise<readonly string[]> {
  const rows: { n: number }[] = await bed.dataSource.query(`SELECT (data->>'n')::int AS n FROM jobs ORDER BY id`);
  return rows.map(({ n }) => new Date(n * MINUTE_MS).toISOString().slice(0, 16));
}
const finish = () => bed.dataSource.query('DELETE FROM jobs');

/** A scheduler whose clock is moved by hand. */
function simulate(schedule: Omit<Schedule, 'job' | 'name'>, begin: string) {
  let clock = new Date(begin);
  const create = () =>
    createScheduler({
      dataSource: bed.dataSource,
      schedules: [checkSchedule({ name: 'nightly', job: stamped, ...schedule })],
      logger: silent,
      now: () => clock,
    });
  let scheduler = create();
  return {
    store: () => scheduler.store(),
    turn: () => scheduler.turn(),
    restart: async () => {
      scheduler = create();
      await scheduler.store();
    },
    at: (moment: string) => {
      clock = new Date(moment);
    },
    /** Turns every `everyMinutes` until `end`. */
    async runUntil(end: string, everyMinutes: number) {
      for (; clock <= new Date(end); clock = new Date(clock.getTime() + everyMinutes * MINUTE_MS))
        while ((await scheduler.turn()) === 0);
    },
  };
}

describe('a time zone whose clocks change (Europe/Berlin)', () => {
  const berlin = { timezone: 'Europe/Berlin', overlap: 'allow' } as const;
  const between = async (cron: string, [begin, end]: readonly [string, string]) => {
    const time = simulate({ cron, ...berlin }, begin);
    await time.store();
    await time.runUntil(end, 10);
    return made();
  };
  const spring = ['2026-03-28T12:00Z', '2026-03-30T12:00Z'] as const;
  const autumn = ['2026-10-24T12:00Z', '2026-10-26T12:00Z'] as const;

  it('runs a daily job of a time that does not exist once, at the end of the gap', async () => {
    expect(await between('30 2 * * *', spring)).toEqual(['2026-03-29T01:00', '2026-03-30T00:30']);
  });

  it('runs a daily job of a time that comes twice once, the first time', async () => {
    expect(await between('30 2 * * *', autumn)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
  });

  it('runs each of several hours of a day once', async () => {
    expect(await between('30 1-3 * * *', spring)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
      '2026-03-29T23:30',
      '2026-03-30T00:30',
      '2026-03-30T01:30',
    ]);
    await bed.clear();
    expect(await between('30 1-3 * * *', autumn)).toEqual([
      '2026-10-24T23:30',
      '2026-10-25T00:30',
      '2026-10-25T02:30',
      '2026-10-26T00:30',
      '2026-10-26T01:30',
      '2026-10-26T02:30',
    ]);
  });

  it('runs an hourly job every hour that passes', async () => {
    for (const days of [spring, autumn]) {
      const times = await between('0 * * * *', days);
      expect(times).toHaveLength(48);
      const gaps = times.slice(1).map((at, index) => Date.parse(`${at}Z`) - Date.parse(`${times[index]}Z`));
      expect(new Set(gaps)).toEqual(new Set([60 * MINUTE_MS]));
      await bed.clear();
    }
  });
});

describe('a time that was missed', () => {
  const noon = '0 12 * * *';

  it('is run once, however many there were', async () => {
    const time = simulate({ cron: noon }, '2026-01-01T00:00Z');
    await time.store();
    time.at('2026-01-05T09:00Z');
    await time.restart();
    await time.turn();
    expect(await made()).toEqual(['2026-01-01T12:00']);
    await finish();
    await time.runUntil('2026-01-05T12:10Z', 10);
    expect(await made()).toEqual(['2026-01-05T12:00']);
  });

  it('is left out when the schedule says so, but not for being a moment late', async () => {
    const time = simulate({ cron: noon, missed: 'skip' }, '2026-01-01T00:00Z');
    await time.store();
    time.at('2026-01-05T09:00Z');
    await time.restart();
    await time.turn();
    expect(await made()).toEqual([]);
    time.at('2026-01-05T12:00:20Z');
    await time.turn();
    expect(await made()).toEqual(['2026-01-05T12:00']);
  });

  it('is forgotten when the calendar changes', async () => {
    const before = simulate({ cron: noon }, '2026-01-01T00:00Z');
    await before.store();
    const after = simulate({ cron: '0 18 * * *' }, '2026-01-01T13:00Z');
    await after.store();
    await after.turn();
    expect(await made()).toEqual([]);
    await after.runUntil('2026-01-01T18:10Z', 10);
    expect(await made()).toEqual(['2026-01-01T18:00']);
  });

  it('is the first start, for a schedule that wants it so; a restart is none', async () => {
    const time = simulate({ cron: noon, atFirst: true }, '2026-01-01T00:00Z');
    await time.store();
    await time.turn();
    await time.restart();
    await time.turn();
    expect(await made()).toEqual(['2026-01-01T00:00']);
  });
});

describe('a time that comes while the job before is not over', () => {
  const hourly = (overlap: Schedule['overlap']) => simulate({ cron: '@hourly', overlap }, '2026-01-01T00:30Z');

  it('skip: is left out', async () => {
    const time = hourly('skip');
    await time.store();
    await time.runUntil('2026-01-01T03:10Z', 10);
    expect(await made()).toEqual(['2026-01-01T01:00']);
    await finish();
    await time.runUntil('2026-01-01T04:10Z', 10);
    expect(await made()).toEqual(['2026-01-01T04:00']);
  });

  it('buffer: runs once when that one is over', async () => {
    const time = hourly('buffer');
    await time.store();
    await time.runUntil('2026-01-01T03:10Z', 10);
    expect(await made()).toEqual(['2026-01-01T01:00']);
    await finish();
    await time.turn();
    expect(await made()).toEqual(['2026-01-01T03:00']);
    await finish();
    await time.turn();
    expect(await made()).toEqual([]);
  });

  it('allow: runs beside it', async () => {
    const time = hourly('allow');
    await time.store();
    await time.runUntil('2026-01-01T03:10Z', 10);
    expect(await made()).toEqual(['2026-01-01T01:00', '2026-01-01T02:00', '2026-01-01T03:00']);
  });

  it('cancel: takes its place', async () => {
    const time = hourly('cancel');
    await time.store();
    await time.runUntil('2026-01-01T03:10Z', 10);
    expect(await made()).toEqual(['2026-01-01T03:00']);
  });

  it('cancel: the one that runs is told', async () => {
    const ends: string[] = [];
    const worker = bed.worker();
    worker.handle(numbered, async ({ data }, { signal }) => {
      if (data.n > 0) return;
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
      isBegun = true;
      await aborted;
      ends.push((signal.reason as Error).name);
    });
    let count = 0;
    let isBegun = false;
    worker.schedule({
      name: 's',
      cron: '@yearly',
      overlap: 'cancel',
      atFirst: true,
      job: () => numbered.of({ n: count++ }),
    });
    await worker.start();
    await eventually(() => isBegun);
    await triggerSchedule(bed.dataSource.manager, 's');
    await eventually(() => ends.length === 1);
    expect(ends).toEqual(['JobLostError']);
  });
});

describe('several processes', () => {
  it('make one job of each time between them', async () => {
    const times = Array.from({ length: 4 }, () =>
      simulate({ cron: '* * * * *', overlap: 'allow' }, '2026-01-01T00:00:30Z'),
    );
    await Promise.all(times.map((time) => time.store()));
    await Promise.all(times.map((time) => time.runUntil('2026-01-01T00:20:30Z', 1)));
    const expected = Array.from({ length: 20 }, (_, n) => `2026-01-01T00:${String(n + 1).padStart(2, '0')}`);
    expect((await made()).toSorted()).toEqual(expected);
  });

  it('run a schedule of seconds by the clock of the database, and one that is triggered at once', async () => {
    const runs: number[] = [];
    for (const worker of [bed.worker(), bed.worker()]) {
      worker.handle(numbered, async ({ data }) => void runs.push(data.n));
      worker.schedule({ name: 'seconds', cron: '* * * * * *', job: numbered.of({ n: 1 }) });
      worker.schedule({ name: 'yearly', cron: '@yearly', job: numbered.of({ n: 2 }) });
      await worker.start();
    }
    const start = Date.now();
    await eventually(() => runs.filter((n) => n === 1).length === 3);
    expect(Date.now() - start).toBeGreaterThan(1_900);
    expect(runs).not.toContain(2);
    expect(await triggerSchedule(bed.dataSource.manager, 'yearly')).toBe(true);
    expect(await triggerSchedule(bed.dataSource.manager, 'unknown')).toBe(false);
    await eventually(() => runs.includes(2));
  });
});
