import type { Logger } from '../../../log/index.js';
import { assertLogPosition } from '../log-position.js';
import type { EventSubscription, EventTransport } from '../transport.js';
import { createPostgresBus } from './postgres-bus.js';
import type { PostgresBus } from './postgres-bus.js';
import { readGroupLag } from './postgres-cursor.js';
import { appendToLog, pruneLog, readAbandonedGroups } from './postgres-log.js';
import { replayPostgresLog } from './postgres-replay.js';
import { startPostgresSubscription } from './postgres-subscription.js';
import { startPostgresTail } from './postgres-tail.js';
import { topicFilter } from './postgres-topic-filter.js';

const DEFAULT_RETENTION_DAYS = 7;
const PRUNE_EVERY_MS = 60 * 60_000;
const PRUNE_ROWS = 5_000;

/** Events through the `bus` database. */
export interface PostgresTransportOptions {
  /** URL of the `bus` database, Postgres 14 or newer; tables are created at first use. Not through a pooler. */
  readonly url: string;
  /** Names this process in the log, in `cursors.owner` and in pg_stat_activity. */
  readonly clientId: string;
  readonly logger: Logger;
  /** Events are kept for so long, and longer while a group has not read them. Default 7. */
  readonly retentionDays?: number | undefined;
}

/**
 * A log in Postgres: appends in one order, a cursor a consumer group, one reader a group, NOTIFY to wake readers.
 * Answers within milliseconds; a reader that dies is replaced within a second. A database that does not answer is
 * waited for; only `append` and `ping` reject.
 */
export function createPostgresTransport(options: PostgresTransportOptions): EventTransport {
  const { logger, retentionDays = DEFAULT_RETENTION_DAYS } = options;
  const bus = createPostgresBus(options);
  const running = new Set<EventSubscription>();
  const prune = setInterval(() => {
    void pruneBus(bus, retentionDays).catch((error: unknown) =>
      logger.warn({ err: error }, 'event log was not pruned'),
    );
  }, PRUNE_EVERY_MS);
  prune.unref();

  function track<Subscription extends EventSubscription>(subscription: Subscription): Subscription {
    const tracked: Subscription = {
      ...subscription,
      async stop() {
        await subscription.stop();
        running.delete(tracked);
      },
    };
    running.add(tracked);
    return tracked;
  }

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    clearInterval(prune);
    await Promise.all([...running].map((subscription) => subscription.stop()));
    await bus.close();
  }

  return {
    kind: 'postgres',
    async append(batch) {
      if (batch.length === 0) return;
      await bus.ready();
      await appendToLog(bus.pool, batch);
    },
    async subscribe(topics, subscription) {
      assertLogPosition(subscription.startAt ?? 'beginning');
      return track(await startPostgresSubscription(bus, topics, subscription));
    },
    async replay(topics, replay) {
      assertLogPosition(replay.from);
      return replayPostgresLog(bus, topics, replay);
    },
    async lag(group, topics) {
      await bus.ready();
      return readGroupLag(bus.pool, { group, topics: topicFilter(topics) });
    },
    tail: async (topics, tail) => track(await startPostgresTail(bus, topics, tail)),
    async ping() {
      await bus.pool.query('SELECT 1');
    },
    close: () => (closed ??= close()),
  };
}

/** Deletes what is old and passed by every group; warns of groups that are in the way. Returns how many rows went. */
export async function pruneBus(bus: PostgresBus, retentionDays: number): Promise<number> {
  await bus.ready();
  let deleted = 0;
  for (;;) {
    const rows = await pruneLog(bus.pool, { retentionDays, limit: PRUNE_ROWS });
    deleted += rows;
    if (rows < PRUNE_ROWS) break;
  }
  const groups = await readAbandonedGroups(bus.pool, retentionDays);
  if (groups.length > 0) {
    bus.logger.warn(
      { groups, retentionDays },
      'event groups that nobody reads keep old events: delete their rows in cursors if they are gone',
    );
  }
  return deleted;
}
