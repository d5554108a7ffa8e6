import type { DataSource, EntityManager } from 'typeorm';
import type { Logger } from '../log/index.js';
import { deleteJobs } from './control-jobs.js';
import { insertJobs } from './enqueue.js';
import type { CheckedSchedule } from './schedule.js';

/** Later than this, nobody was there at the time. */
const MISSED_AFTER_MS = 60_000;
/** Another process may have changed what is stored. */
const LOOK_MS = 5_000;
/** Whether the job that a buffered one waits for is over. */
const BUFFERED_MS = 1_000;

interface StoredSchedule {
  readonly name: string;
  readonly next_at: Date;
  readonly last_at: Date | null;
  readonly buffered: boolean;
  readonly version: number;
}

/** Decides what fires when; any number of processes may ask, one of them wins each firing. */
export interface Scheduler {
  /** Stores what is new; keeps when the others fire next, unless their calendar has changed. */
  store(): Promise<void>;
  /** Fires what is due. Returns how long until the next look, in milliseconds. */
  turn(): Promise<number>;
}

/** @param now the clock; by default the database's, which all processes share. */
export function createScheduler(options: {
  readonly dataSource: DataSource;
  readonly schedules: readonly CheckedSchedule[];
  readonly logger: Logger;
  readonly now?: () => Date;
}): Scheduler {
  const { dataSource, schedules, logger } = options;
  const names = schedules.map(({ name }) => name);

  async function readClock(): Promise<Date> {
    if (options.now !== undefined) return options.now();
    const rows: { readonly now: Date }[] = await dataSource.query('SELECT clock_timestamp() AS now');
    return rows[0]?.now ?? new Date();
  }

  /** In one transaction: the row of the schedule is its lock, the version the proof that nobody else was here. */
  function fire(schedule: CheckedSchedule, { version, next_at: at }: StoredSchedule, now: Date): Promise<void> {
    return dataSource.transaction(async (manager) => {
      const [, won]: [unknown, number] = await manager.query(
        `UPDATE job_schedules SET next_at = $3, last_at = next_at, version = version + 1 WHERE name = $1 AND version = $2`,
        [schedule.name, version, schedule.next(now)],
      );
      if (won === 0) return;
      if (schedule.missed === 'skip' && now.getTime() - at.getTime() > MISSED_AFTER_MS)
        logger.info({ schedule: schedule.name, at }, 'schedule missed a time and leaves it out');
      else await begin(manager, schedule, at);
    });
  }

  /** The job that was held back because another one was not over. */
  function fireBuffered(schedule: CheckedSchedule, { version, last_at: at, next_at }: StoredSchedule): Promise<void> {
    return dataSource.transaction(async (manager) => {
      const [, won]: [unknown, number] = await manager.query(
        'UPDATE job_schedules SET buffered = false, version = version + 1 WHERE name = $1 AND version = $2',
        [schedule.name, version],
      );
      if (won > 0) await begin(manager, schedule, at ?? next_at);
    });
  }

  async function begin(manager: EntityManager, schedule: CheckedSchedule, at: Date): Promise<void> {
    const { name, overlap } = schedule;
    if (overlap === 'cancel') await deleteJobs(manager, 'schedule = $1', [name]);
    if ((overlap === 'skip' || overlap === 'buffer') && (await isLive(manager, name))) {
      if (overlap === 'buffer') await manager.query('UPDATE job_schedules SET buffered = true WHERE name = $1', [name]);
      logger.debug({ schedule: name, at, overlap }, 'schedule is due while its job is not over');
      return;
    }
    const job = typeof schedule.job === 'function' ? schedule.job(at) : schedule.job;
    await insertJobs(manager, [job], name);
  }

  return {
    async store() {
      const now = await readClock();
      // In the order of names: processes start together.
      for (const { name, cron, timezone, atFirst, next } of schedules.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        await dataSource.query(
          `INSERT INTO job_schedules AS stored (name, cron, timezone, next_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, timezone = excluded.timezone, next_at = $5,
             version = stored.version + 1
           WHERE (stored.cron, stored.timezone) IS DISTINCT FROM (excluded.cron, excluded.timezone)`,
          [name, cron, timezone, atFirst === true ? now : next(now), next(now)],
        );
      }
    },
    async turn() {
      const rows: StoredSchedule[] = await dataSource.query(
        'SELECT name, next_at, last_at, buffered, version FROM job_schedules WHERE name = ANY($1) ORDER BY name',
        [names],
      );
      const now = await readClock();
      let wait = LOOK_MS;
      for (const stored of rows) {
        const schedule = schedules.find(({ name }) => name === stored.name);
        if (schedule === undefined) continue;
        const isOver = stored.buffered && !(await isLive(dataSource, stored.name));
        if (isOver || stored.next_at <= now) {
          await (isOver ? fireBuffered(schedule, stored) : fire(schedule, stored, now));
          wait = 0;
        } else {
          wait = Math.min(wait, stored.next_at.getTime() - now.getTime(), stored.buffered ? BUFFERED_MS : LOOK_MS);
        }
      }
      return wait;
    },
  };
}

async function isLive(database: DataSource | EntityManager, schedule: string): Promise<boolean> {
  const rows: unknown[] = await database.query('SELECT 1 FROM jobs WHERE schedule = $1 LIMIT 1', [schedule]);
  return rows.length > 0;
}
