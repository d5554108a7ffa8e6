import type { EntityManager } from 'typeorm';

/** What is published and has not reached the log yet. */
export interface OutboxStats {
  readonly depth: number;
  readonly oldestAt: Date | null;
}

/** What is parked for one group. */
export interface ParkedStats {
  readonly group: string;
  /** Waits for an attempt, of its own or of one before it. */
  readonly retry: number;
  readonly dead: number;
  /** When the oldest of them was parked. */
  readonly oldestAt: Date | null;
}

/** The outbox of a service. It is empty but for moments; counting takes long when it is not. */
export async function readOutboxStats(manager: EntityManager): Promise<OutboxStats> {
  const [row]: readonly OutboxStats[] = await manager.query(
    `SELECT count(*)::float8 AS depth, min(created_at) AS "oldestAt" FROM outbox`,
  );
  return row ?? { depth: 0, oldestAt: null };
}

/** What is parked, by group; groups without any are left out. */
export async function readParkedStats(manager: EntityManager): Promise<readonly ParkedStats[]> {
  return manager.query(
    `SELECT grp AS "group", count(*) FILTER (WHERE state = 'retry')::float8 AS retry,
       count(*) FILTER (WHERE state = 'dead')::float8 AS dead, min(parked_at) AS "oldestAt"
     FROM parked_events WHERE state IN ('retry', 'dead') GROUP BY grp ORDER BY grp`,
  );
}

/** The most events of one key that wait, for each group that has any. */
export async function readLongestQueues(
  manager: EntityManager,
): Promise<readonly { readonly group: string; readonly waiting: number }[]> {
  return manager.query(
    `SELECT grp AS "group", max(waiting)::float8 AS waiting
     FROM (SELECT grp, count(*) AS waiting FROM parked_events WHERE state = 'retry' GROUP BY grp, key) queue
     GROUP BY grp ORDER BY grp`,
  );
}
