const DAY_MS = 86_400_000;

/** A day in UTC, as a number of days since 1970-01-01. */
export type UtcDay = number;

export function utcDayOf(moment: Date): UtcDay {
  return Math.floor(moment.getTime() / DAY_MS);
}

/** When the day begins. */
export function startOfDay(day: UtcDay): Date {
  return new Date(day * DAY_MS);
}
