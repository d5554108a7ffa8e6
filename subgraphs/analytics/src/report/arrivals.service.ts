import { badUserInput } from '@orion/platform/errors';
import type { DataSource } from 'typeorm';
import { CLIENT_TYPE } from '../ingest/stored-event.js';
import type { EventName, IngestLag } from './report.types.js';

const MOST_DAYS = 400;
const LAG_WINDOW = '5 minutes';

/** What arrives here, and how fast. */
export class ArrivalsService {
  constructor(private readonly database: DataSource) {}

  /** Kinds of events of the latest days, most frequent first. Throws BAD_USER_INPUT for `days` out of 1..400. */
  eventNames(days: number): Promise<EventName[]> {
    if (days < 1 || days > MOST_DAYS) throw badUserInput(`days must be between 1 and ${MOST_DAYS}, it was ${days}.`);
    return this.database.query(
      `SELECT name, count(*)::int AS events, max(occurred_at) AS "lastOccurredAt" FROM events
        WHERE occurred_at >= now() - make_interval(days => $1) GROUP BY name ORDER BY events DESC, name`,
      [days],
    );
  }

  /** Clients have clocks of their own, so only events of the platform count. */
  async ingestLag(): Promise<IngestLag> {
    const [lag]: IngestLag[] = await this.database.query(
      `SELECT greatest(coalesce(extract(epoch FROM max(received_at - occurred_at)), 0), 0)::float8 AS seconds, max(received_at) AS "lastReceivedAt"
         FROM events WHERE received_at > now() - interval '${LAG_WINDOW}' AND type <> $1`,
      [CLIENT_TYPE],
    );
    return lag ?? { seconds: 0, lastReceivedAt: null };
  }
}
