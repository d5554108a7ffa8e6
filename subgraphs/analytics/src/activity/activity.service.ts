import { isUuid } from '@orion/platform/ids';
import type { BatchLoad } from '@orion/platform/loading';
import type { DataSource } from 'typeorm';
import { IS_ACTIVITY, LOGIN, NOTIFICATION_SENT } from '../ingest/event-kinds.js';
import type { ActivitySummary, DayCount } from './activity.types.js';

/** The latest days of somebody. */
export interface DaysRequest {
  readonly userId: string;
  readonly last: number;
  readonly timezone: string;
}

/** What is known of the activity of people. */
export class ActivityService {
  constructor(private readonly database: DataSource) {}

  /** Summaries of many people in one statement; of somebody who is not known, everything is 0. */
  readonly summaries: BatchLoad<string, ActivitySummary> = async (userIds) => {
    const rows: ActivitySummary[] = await this.database.query(
      `SELECT user_id AS "userId",
              (count(*) FILTER (WHERE name = $2))::int AS logins,
              (count(*) FILTER (WHERE name = $3))::int AS "notificationsReceived",
              count(*)::int AS events,
              max(occurred_at) FILTER (WHERE ${IS_ACTIVITY}) AS "lastActiveAt"
         FROM events WHERE user_id = ANY($1::uuid[]) GROUP BY user_id`,
      [userIds.filter(isUuid), LOGIN, NOTIFICATION_SENT],
    );
    const byUser = new Map(rows.map((row) => [row.userId, row]));
    return userIds.map(
      (userId) =>
        byUser.get(userId.toLowerCase()) ?? {
          userId,
          logins: 0,
          notificationsReceived: 0,
          events: 0,
          lastActiveAt: null,
        },
    );
  };

  /** The latest days of many people in one statement, oldest first, days without events included. */
  readonly days: BatchLoad<DaysRequest, readonly DayCount[]> = async (requests) => {
    const rows: (DayCount & { readonly ordinal: number })[] = await this.database.query(
      `WITH request AS (
         SELECT r.*, (now() AT TIME ZONE timezone)::date AS today
           FROM unnest($1::uuid[], $2::int[], $3::text[]) WITH ORDINALITY AS r (user_id, last, timezone, ordinal)
       )
       SELECT request.ordinal::int, day::date::text AS day, count(events.event_id)::int AS events
         FROM request
        CROSS JOIN generate_series((today - last + 1)::timestamp, today::timestamp, '1 day') AS day
         LEFT JOIN events ON events.user_id = request.user_id
          AND events.occurred_at >= day AT TIME ZONE timezone AND events.occurred_at < (day + interval '1 day') AT TIME ZONE timezone
        GROUP BY request.ordinal, day ORDER BY request.ordinal, day`,
      [
        requests.map(({ userId }) => userId),
        requests.map(({ last }) => last),
        requests.map(({ timezone }) => timezone),
      ],
    );
    const days: DayCount[][] = requests.map(() => []);
    for (const { ordinal, day, events } of rows) days[ordinal - 1]?.push({ day, events });
    return days;
  };
}
