import type { Viewer } from '@orion/platform/identity';
import type { DataSource } from 'typeorm';
import { EVENT_COLUMNS, EVENT_ROWS, eventColumns } from '../ingest/insert-events.js';
import type { StoredEvent } from '../ingest/stored-event.js';
import type { Partitions } from '../partition/partitions.js';
import { checkEvent } from './check-event.js';
import { TrackStatus } from './track.types.js';
import type { TrackedEventInput, TrackResult } from './track.types.js';

/**
 * One statement: the receipt says whether an id is new, also when the same event is sent twice at once. In order of the
 * ids, so that two senders never wait for each other in a circle.
 */
const STORE = `
WITH row AS MATERIALIZED (SELECT * FROM ${EVENT_ROWS} ORDER BY event_id),
fresh AS (INSERT INTO track_receipts (event_id) SELECT event_id FROM row ON CONFLICT DO NOTHING RETURNING event_id),
stored AS (
  INSERT INTO events (${EVENT_COLUMNS})
  SELECT ${EVENT_COLUMNS} FROM row JOIN fresh USING (event_id) ON CONFLICT DO NOTHING
)
SELECT event_id AS "eventId" FROM fresh`;

/** Stores what clients say has happened. */
export class TrackService {
  constructor(
    private readonly database: DataSource,
    private readonly partitions: Partitions,
  ) {}

  /** One result for each event, in the same order. The first of several with one id counts. */
  async track(inputs: readonly TrackedEventInput[], viewer: Viewer): Promise<TrackResult[]> {
    const now = new Date();
    const checked = inputs.map((input) => checkEvent(input, { viewer, now }));
    const first = new Map<string, StoredEvent>();
    for (const event of checked) {
      if (typeof event !== 'string' && !first.has(event.eventId)) first.set(event.eventId, event);
    }
    const stored = await this.store([...first.values()]);
    return inputs.map(({ id }, index) => {
      const event = checked[index];
      if (typeof event === 'string') return { index, id, status: TrackStatus.REJECTED, reason: event };
      const counts = event !== undefined && first.get(event.eventId) === event && stored.has(event.eventId);
      return { index, id, status: counts ? TrackStatus.ACCEPTED : TrackStatus.DUPLICATE, reason: null };
    });
  }

  /** Returns the ids that were new. */
  private async store(events: readonly StoredEvent[]): Promise<ReadonlySet<string>> {
    if (events.length === 0) return new Set();
    await this.partitions.ensure(events.map(({ occurredAt }) => occurredAt));
    const fresh: { readonly eventId: string }[] = await this.database.query(STORE, [...eventColumns(events)]);
    return new Set(fresh.map(({ eventId }) => eventId));
  }
}
