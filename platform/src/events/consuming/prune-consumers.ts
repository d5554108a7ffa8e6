import type { DataSource } from 'typeorm';
import { lockKey } from '../../database/lock-key.js';

/**
 * For so long the inbox remembers what took effect. Must be longer than transports keep events: it is what makes a
 * second delivery and a replay harmless.
 */
export const INBOX_KEEP_DAYS = 30;

/** Rows in one statement: a large DELETE would hold its locks, and the write-ahead log, for as long as it takes. */
const PRUNE_ROWS = 5_000;
const PRUNE_LOCK = lockKey('event-prune');

const EXPIRED = [
  `inbox WHERE seen_at < now() - make_interval(days => $1)`,
  `parked_events WHERE state = 'done' AND changed_at < now() - make_interval(days => $1)`,
  `event_replays WHERE state IN ('done', 'failed') AND changed_at < now() - make_interval(days => $1)`,
] as const;

/**
 * Deletes what deduplication and operators no longer need, of all groups of the service, those included that nobody
 * consumes any more. Dead events are kept until somebody settles them. One process does it at a time; the others do
 * nothing. Stops between two statements when `goOn` says no.
 */
export async function pruneConsumers(dataSource: DataSource, goOn: () => boolean): Promise<void> {
  for (const rows of EXPIRED) {
    while (goOn()) {
      const [, deleted]: [unknown, number] = await dataSource.transaction(async (manager) => {
        const [{ mine }]: [{ mine: boolean }] = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS mine', [
          PRUNE_LOCK,
        ]);
        if (!mine) return [undefined, 0];
        const [table] = rows.split(' ', 1);
        return manager.query(`DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${rows} LIMIT $2))`, [
          INBOX_KEEP_DAYS,
          PRUNE_ROWS,
        ]);
      });
      if (deleted < PRUNE_ROWS) break;
    }
  }
}
