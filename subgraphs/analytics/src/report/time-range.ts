import { badUserInput } from '@orion/platform/errors';

const DAY_MS = 86_400_000;

/** A stretch of time, `to` not included. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/** Throws BAD_USER_INPUT for a stretch that is empty or has more than `mostDays` days. */
export function checkTimeRange({ from, to }: TimeRange, { mostDays }: { readonly mostDays: number }): void {
  if (from >= to) throw badUserInput('from must be before to.');
  if (to.getTime() - from.getTime() > mostDays * DAY_MS)
    throw badUserInput(`from and to must be at most ${mostDays} days apart.`);
}
