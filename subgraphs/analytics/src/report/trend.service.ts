import type { DataSource } from 'typeorm';
import { TrendInterval } from './report.types.js';
import type { Trend, TrendInput, TrendPoint } from './report.types.js';
import { checkTimeRange } from './time-range.js';
import { withTimezone } from './timezone.js';

/** Keeps the number of points of an answer in the low thousands. */
const MOST_DAYS: Readonly<Record<TrendInterval, number>> = { HOUR: 62, DAY: 1_100 };

/**
 * Shorter than the shortest step there is: where clocks move by half an hour (Lord Howe Island), so do hours. Every
 * step then holds one of the moments, and truncating them all gives every step once.
 */
const PROBE: Readonly<Record<TrendInterval, string>> = { HOUR: '30 minutes', DAY: '6 hours' };

/** `date_trunc` with a time zone knows when the clocks change; the hour that occurs twice is two steps. */
const TREND = `
WITH step AS (
  SELECT DISTINCT date_trunc($4, moment, $5) AS at
    FROM (SELECT generate_series($2::timestamptz, $3::timestamptz, $6::interval) AS moment
          UNION SELECT $3::timestamptz - interval '1 microsecond') probe
   WHERE moment < $3::timestamptz
), counted AS (
  SELECT date_trunc($4, occurred_at, $5) AS at, count(*)::int AS events, count(DISTINCT user_id)::int AS users
    FROM events
   WHERE occurred_at >= $2 AND occurred_at < $3 AND ($1::text IS NULL OR name = $1)
   GROUP BY 1
)
SELECT at, coalesce(events, 0) AS events, coalesce(users, 0) AS users FROM step LEFT JOIN counted USING (at) ORDER BY at`;

/** Counts events over time. */
export class TrendService {
  constructor(private readonly database: DataSource) {}

  /** Throws BAD_USER_INPUT for a time zone that is none and for a range that is empty or too long. */
  async read({ name, from, to, interval, timezone }: TrendInput): Promise<Trend> {
    checkTimeRange({ from, to }, { mostDays: MOST_DAYS[interval] });
    const points: TrendPoint[] = await withTimezone(timezone, (zone) =>
      this.database.query(TREND, [name ?? null, from, to, interval.toLowerCase(), zone, PROBE[interval]]),
    );
    return { points, total: points.reduce((sum, { events }) => sum + events, 0) };
  }
}
