import pg from 'pg';
import { createConditionLog } from '../log/index.js';
import type { Logger } from '../log/index.js';
import { backoffDelay, createWakeUp } from '../pacing/index.js';
import { oneByOne } from './queryable.js';
import type { Queryable } from './queryable.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** A query that takes longer means that the other end is gone. */
const QUERY_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 4_000;
/**
 * The server ends a session that is silent for so long, and with it the session's advisory locks: a process that was
 * stopped, or whose machine is gone, loses what it held. Must be well above HEARTBEAT_MS. Needs Postgres 14.
 */
const SERVER_GIVES_UP_MS = 15_000;
const RECONNECT = { baseMs: 100, capMs: 5_000 };

/** One connection that is held open for LISTEN and for session advisory locks, and comes back when it is lost. */
export interface DedicatedConnection {
  /** The open connection; undefined while there is none. A lock taken on one is gone when another is returned. */
  current(): Queryable | undefined;
  stop(): Promise<void>;
}

/** What to do with the connection. Callbacks must not throw. */
export interface DedicatedConnectionOptions {
  readonly url: string;
  /** Shown in pg_stat_activity and in the log. */
  readonly name: string;
  readonly channel: string;
  readonly logger: Logger;
  /** A NOTIFY arrived. Those sent while there was no connection are lost: look for yourself in `onChange`. */
  readonly onNotify: (payload: string) => void;
  /** The connection was made or lost. */
  readonly onChange: () => void;
}

/** Connects in the background and stays connected until `stop`; never rejects. */
export function keepConnected(options: DedicatedConnectionOptions): DedicatedConnection {
  const condition = createConditionLog(options.logger, `connection ${options.name}`);
  const halt = createWakeUp();
  let stopped = false;
  let failures = 0;
  let open: Queryable | undefined;
  let close: () => Promise<void> = () => Promise.resolve();

  async function session(): Promise<void> {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    const drop = () => client.connection.stream.destroy();
    const lost = new Promise<Error>((resolve) => {
      client.on('error', resolve);
      client.on('end', () => resolve(new Error('connection ended')));
    });
    client.on('notification', ({ payload }) => options.onNotify(payload ?? ''));
    try {
      await client.connect();
      await client.query(`SET idle_session_timeout = ${SERVER_GIVES_UP_MS}; LISTEN ${options.channel}`);
    } catch (error) {
      drop();
      throw error;
    }
    const queries = oneByOne(client);
    const heartbeat = setInterval(() => queries.query('SELECT 1').catch(drop), HEARTBEAT_MS);
    open = queries;
    close = () => client.end();
    failures = 0;
    condition.works();
    // stop() may have come while connecting.
    if (stopped) drop();
    else options.onChange();
    const reason = await lost;
    clearInterval(heartbeat);
    drop();
    open = undefined;
    options.onChange();
    if (!stopped) throw reason;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await session();
      } catch (error) {
        if (stopped) return;
        failures += 1;
        condition.fails(error);
        await halt.sleep(backoffDelay(failures, RECONNECT));
      }
    }
  }

  const running = run();
  return {
    current: () => open,
    async stop() {
      stopped = true;
      halt.wake();
      if (open !== undefined) await close();
      await running;
    },
  };
}
