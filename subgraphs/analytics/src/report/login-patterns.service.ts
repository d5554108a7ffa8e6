import type { DataSource } from 'typeorm';
import { LOGIN } from '../ingest/event-kinds.js';
import type { LoginPattern, LoginPatternsInput } from './report.types.js';
import { checkTimeRange } from './time-range.js';
import { withTimezone } from './timezone.js';

const MOST_DAYS = 1_100;

const LOGIN_PATTERNS = `
SELECT weekday, hour, count(event_id)::int AS logins
  FROM generate_series(1, 7) AS weekday CROSS JOIN generate_series(0, 23) AS hour
  LEFT JOIN events ON name = $4 AND occurred_at >= $1 AND occurred_at < $2
   AND extract(isodow FROM occurred_at AT TIME ZONE $3) = weekday AND extract(hour FROM occurred_at AT TIME ZONE $3) = hour
 GROUP BY weekday, hour ORDER BY weekday, hour`;

/** Counts logins by hour and weekday. */
export class LoginPatternsService {
  constructor(private readonly database: DataSource) {}

  /** All 168 hours of the week. Throws BAD_USER_INPUT for a time zone that is none and for a bad range. */
  read({ from, to, timezone }: LoginPatternsInput): Promise<LoginPattern[]> {
    checkTimeRange({ from, to }, { mostDays: MOST_DAYS });
    return withTimezone(timezone, (zone) => this.database.query(LOGIN_PATTERNS, [from, to, zone, LOGIN]));
  }
}
