import type { DataSource } from 'typeorm';
import { IS_ACTIVITY } from '../ingest/event-kinds.js';
import type { ActiveUsers, ActiveUsersInput } from './report.types.js';
import { checkTimeRange } from './time-range.js';
import { withTimezone } from './timezone.js';

const MOST_DAYS = 400;

/** Days are those of the time zone, as a whole, and a window of 30 days begins 29 days before. */
const ACTIVE_USERS = `
WITH bounds AS (
  SELECT ($1::timestamptz AT TIME ZONE $3)::date AS first,
         (($2::timestamptz - interval '1 microsecond') AT TIME ZONE $3)::date AS last
), days AS (
  SELECT generate_series(first::timestamp, last::timestamp, '1 day')::date AS day FROM bounds
), seen AS (
  SELECT DISTINCT user_id, (occurred_at AT TIME ZONE $3)::date AS day
    FROM events, bounds
   WHERE user_id IS NOT NULL AND ${IS_ACTIVITY}
     AND occurred_at >= (first - 29)::timestamp AT TIME ZONE $3 AND occurred_at < (last + 1)::timestamp AT TIME ZONE $3
)
SELECT days.day::text AS day,
       (count(*) FILTER (WHERE seen.day = days.day))::int AS daily,
       (count(DISTINCT user_id) FILTER (WHERE seen.day > days.day - 7))::int AS weekly,
       count(DISTINCT user_id)::int AS monthly
  FROM days LEFT JOIN seen ON seen.day BETWEEN days.day - 29 AND days.day
 GROUP BY days.day ORDER BY days.day`;

interface Row {
  readonly day: string;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

/** Counts people who did something. */
export class ActiveUsersService {
  constructor(private readonly database: DataSource) {}

  /** Throws BAD_USER_INPUT for a time zone that is none and for a range that is empty or too long. */
  async read({ from, to, timezone }: ActiveUsersInput): Promise<ActiveUsers> {
    checkTimeRange({ from, to }, { mostDays: MOST_DAYS });
    const rows: Row[] = await withTimezone(timezone, (zone) => this.database.query(ACTIVE_USERS, [from, to, zone]));
    const series = (window: 'daily' | 'weekly' | 'monthly') =>
      rows.map((row) => ({ day: row.day, users: row[window] }));
    const sum = (window: 'daily' | 'monthly') => rows.reduce((total, row) => total + row[window], 0);
    const monthly = sum('monthly');
    return {
      daily: series('daily'),
      weekly: series('weekly'),
      monthly: series('monthly'),
      stickiness: monthly === 0 ? null : sum('daily') / monthly,
    };
  }
}
