import type { TimeWindow } from './condition.js';

/** More than there are time zones; names are told apart by case, so that the memory needs an end. */
const MOST_FORMATS = 1_000;
const WEEKDAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formats = new Map<string, Intl.DateTimeFormat>();
const MINUTE_MS = 60_000;

/** What a clock on the wall shows. */
interface Clock {
  /** Minutes since the epoch, at which it shows this. */
  readonly at: number;
  readonly weekday: number;
  readonly minute: number;
}

/** The last look at the clock of each zone: to format a time costs more than all else that is decided for a request. */
const clocks = new Map<string, Clock>();

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    // Intl says so by a RangeError.
    return false;
  }
}

/** True when the moment is in the window. Throws for a time zone or a time that is none. */
export function isInWindow(moment: Date, { from, to, timezone, weekdays }: TimeWindow): boolean {
  const { weekday, minute } = clockOf(moment, timezone);
  const start = minuteOf(from);
  const end = minuteOf(to);
  if (start < end) return minute >= start && minute < end && isOn(weekday, weekdays);
  if (minute >= start) return isOn(weekday, weekdays);
  // After midnight it is still the window that began the day before.
  return minute < end && isOn(weekday === 1 ? 7 : weekday - 1, weekdays);
}

function isOn(weekday: number, weekdays: readonly number[] | undefined): boolean {
  return weekdays === undefined || weekdays.includes(weekday);
}

function minuteOf(time: string): number {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(time) ?? [];
  if (hours === undefined || minutes === undefined) throw new RangeError(`not HH:MM: ${time}`);
  return Number(hours) * 60 + Number(minutes);
}

function clockOf(moment: Date, timezone: string): Clock {
  const at = Math.floor(moment.getTime() / MINUTE_MS);
  const last = clocks.get(timezone);
  if (last?.at === at) return last;
  const clock = { at, ...readClock(moment, timezone) };
  if (clocks.size >= MOST_FORMATS) clocks.clear();
  clocks.set(timezone, clock);
  return clock;
}

function readClock(moment: Date, timezone: string): Omit<Clock, 'at'> {
  const parts = new Map(
    formatOf(timezone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  return {
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
    if (formats.size >= MOST_FORMATS) formats.clear();
    formats.set(timezone, format);
  }
  return format;
}
