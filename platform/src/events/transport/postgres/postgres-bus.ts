import pg from 'pg';
import { keepConnected } from '../../../database/index.js';
import type { DedicatedConnection, Queryable } from '../../../database/index.js';
import type { Logger } from '../../../log/index.js';
import { BUS_CHANNEL, createBusTables, readHead } from './postgres-log.js';
import type { TopicFilter } from './postgres-topic-filter.js';

const POOL_SIZE = 5;
const CONNECT_TIMEOUT_MS = 5_000;
/** Bounds how long an append can keep the others waiting. */
const STATEMENT_TIMEOUT_MS = 8_000;
/** The server has ended the statement by then: no answer means that the connection is dead, though nobody closed it. */
const ANSWER_TIMEOUT_MS = 10_000;
/** NOTIFY wakes the readers; this finds what a lost NOTIFY left behind. One query for all readers of the process. */
const POLL_MS = 1_000;

/** What the readers of one process share: a pool, one listening connection, one poll. */
export interface PostgresBus {
  readonly pool: pg.Pool;
  readonly clientId: string;
  readonly logger: Logger;
  /** Groups that a subscription of this process owns: a session advisory lock is granted twice to the same session. */
  readonly heldGroups: Set<string>;
  /** Resolves when the tables exist; tries again after a failure. */
  ready(): Promise<void>;
  /** The listening connection, on which group locks are taken; undefined while there is none. */
  session(): Queryable | undefined;
  /**
   * All events up to here are visible to a query that starts now; may be lower than the truth. It is of the present
   * listening session: after the database was restored from a backup, numbers are given a second time.
   */
  head(): number;
  /** Calls `wake` when there may be events of `topics`, and when the session changes. Returns how to stop that. */
  listen(topics: TopicFilter, wake: () => void): () => void;
  close(): Promise<void>;
}

/** Opens nothing yet: connections are made at first use. */
export function createPostgresBus(options: {
  readonly url: string;
  readonly clientId: string;
  readonly logger: Logger;
}): PostgresBus {
  const { url, clientId, logger } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `${clientId}-bus`,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  // An idle connection broke; the pool replaces it, and whoever needs one learns of a lasting failure.
  pool.on('error', (error) => logger.debug({ err: error }, 'idle bus connection lost'));
  const listeners = new Set<{ readonly topics: TopicFilter; readonly wake: () => void }>();
  let connection: DedicatedConnection | undefined;
  let poll: NodeJS.Timeout | undefined;
  let head: { readonly session: Queryable; readonly seq: number } | undefined;
  let readiness: Promise<void> | undefined;

  const wakeAll = () => listeners.forEach(({ wake }) => wake());

  function wakeReadersOf(payload: string): void {
    if (payload === '') return wakeAll();
    const topics = payload.split(',');
    for (const listener of listeners) if (topics.some(listener.topics.matches)) listener.wake();
  }

  async function lookForLostWakeUps(): Promise<void> {
    const client = connection?.current();
    if (client === undefined) return;
    const seq = await readHead(client);
    if (head?.session === client && head.seq >= seq) return;
    head = { session: client, seq };
    wakeAll();
  }

  function start(): void {
    connection = keepConnected({
      url,
      name: `${clientId}-bus-listener`,
      channel: BUS_CHANNEL,
      logger,
      onNotify: wakeReadersOf,
      onChange: wakeAll,
    });
    // A failing poll means that the connection is lost, which the connection itself notices and reports.
    poll = setInterval(
      () => void lookForLostWakeUps().catch((error: unknown) => logger.debug({ err: error }, 'bus poll failed')),
      POLL_MS,
    );
  }

  return {
    pool,
    clientId,
    logger,
    heldGroups: new Set(),
    ready() {
      readiness ??= createBusTables(pool).catch((error: unknown) => {
        readiness = undefined;
        throw error;
      });
      return readiness;
    },
    session: () => connection?.current(),
    head: () => (head !== undefined && head.session === connection?.current() ? head.seq : 0),
    listen(topics, wake) {
      const listener = { topics, wake };
      listeners.add(listener);
      if (connection === undefined) start();
      return () => listeners.delete(listener);
    },
    async close() {
      clearInterval(poll);
      await connection?.stop();
      await pool.end();
    },
  };
}
