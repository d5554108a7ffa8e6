import { Cron } from 'croner';
import type { PendingJob } from './job.js';

/**
 * What to do when it is time and a job of the schedule still waits or runs (as Temporal names it). skip: leave this
 * time out. buffer: one more when that one is over, however many times were due meanwhile. allow: one beside it.
 * cancel: cancel it and begin a new one.
 */
export type OverlapPolicy = 'skip' | 'buffer' | 'allow' | 'cancel';

/** Makes jobs at times of the calendar. */
export interface Schedule {
  /** Unique in its service; what the database remembers it by. */
  readonly name: string;
  /** Five fields, six with seconds, or `@hourly`, `@daily`, ... (croner). Local time of `timezone`. */
  readonly cron: string;
  /** IANA name; default UTC. */
  readonly timezone?: string | undefined;
  /** Default skip. */
  readonly overlap?: OverlapPolicy | undefined;
  /** When no process was there at the time: run once, as soon as there is one (default), or leave it out. */
  readonly missed?: 'run' | 'skip' | undefined;
  /** Whether it also fires when a database meets the schedule for the first time. Default false. */
  readonly atFirst?: boolean | undefined;
  /** The job, or how to make it for one time. */
  readonly job: PendingJob | ((at: Date) => PendingJob);
}

/** A schedule that was checked, with its calendar. */
export interface CheckedSchedule extends Schedule {
  readonly timezone: string;
  readonly overlap: OverlapPolicy;
  readonly missed: 'run' | 'skip';
  /** The first time after `moment`. */
  next(moment: Date): Date;
}

/**
 * Checks a schedule; throws when there is no such time, time zone or name.
 *
 * Change of clocks: what names its hours and minutes runs once a day, at the end of the gap when its time does not
 * exist, and at the first of two when it comes twice. What repeats (`*`, `/`) runs at its real intervals.
 */
export function checkSchedule(schedule: Schedule): CheckedSchedule {
  const { name, cron, timezone = 'UTC', overlap = 'skip', missed = 'run' } = schedule;
  if (name === '') throw new Error('a schedule needs a name');
  const options = { timezone, paused: true, fixedTimeRule: 'no-wildcard' } as const;
  let calendar: Cron;
  try {
    calendar = new Cron(cron, options);
    if (calendar.nextRun() === null) throw new Error('there is no such time');
  } catch (error) {
    throw new Error(`schedule ${name}: '${cron}' in ${timezone} is not usable`, { cause: error });
  }
  return {
    ...schedule,
    timezone,
    overlap,
    missed,
    next(moment) {
      const next = calendar.nextRun(moment);
      if (next === null) throw new Error(`schedule ${name}: there is no time after ${moment.toISOString()}`);
      return next;
    },
  };
}
