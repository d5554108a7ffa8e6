import type { DataSource } from 'typeorm';
import { keepConnected } from '../../database/index.js';
import type { Queryable } from '../../database/index.js';
import { lockKey } from '../../database/lock-key.js';
import { createConditionLog } from '../../log/index.js';
import type { Logger } from '../../log/index.js';
import { backoffDelay, createWakeUp } from '../../pacing/index.js';
import type { EventTransport } from '../transport/transport.js';
import { attachLocalRelay } from './local-relay.js';
import { deleteFromOutbox, readOutbox } from './outbox-batch.js';
import type { OutboxBatch } from './outbox-batch.js';
import { OUTBOX_CHANNEL } from './outbox.js';

/** While events keep coming, batches grow instead of their number: each costs the database two transactions. */
const READ_EVERY_MS = 5;
/** Commits wake the relay; this finds what a lost wake-up left behind. */
const POLL_MS = 1_000;
const RETRY = { baseMs: 100, capMs: 5_000 };
/** Held by the one active relay of a database. */
const RELAY_LOCK = lockKey('event-relay');

/** Moves published events from the outbox of one database to the transport. */
export interface EventRelay {
  /** Resolves when the batch in flight is done. */
  stop(): Promise<void>;
}

/**
 * Starts a relay. Any number of processes may run one; one of them a database is active.
 *
 * One relay: a session advisory lock on the connection that also listens. It costs no write while idle, and Postgres
 * frees it at once when the process dies (kill -9 closes the socket) and within 15 s when it is stopped or its machine
 * is gone (see dedicated-connection.ts). A row lock would give the relay a transaction id for as long as the broker
 * takes, which holds back vacuum; a lease would cost a write a second and seconds after every crash. If the lock moves
 * while a batch is in flight, that batch is sent twice, which the inbox of every consumer absorbs.
 *
 * Order: rows are taken in `seq` order from all that is committed, and deleted when the transport has them. A row that
 * commits late, with a lower `seq`, is simply found by the next batch, since no cursor has passed it. Events of one
 * aggregate keep their order: when the transaction of the first had committed before the second was published, every
 * snapshot that shows the second shows the first, or it is deleted already. (A read horizon on the transaction id would
 * break this: a running transaction between the two ids would hide the first event and show the second.)
 *
 * Pace: while one batch is on its way, the one before it is deleted and the next one is read. Only one is on its way at
 * a time, and the next is thrown away when that fails, so that nothing overtakes anything. While small batches follow
 * one another, the next is read 5 ms after the last: an event that meets an idle relay leaves at once, and under load a
 * batch takes more of them with it.
 *
 * A failure of database or transport is logged once and retried for ever: nothing is lost, nothing is thrown.
 */
export function startRelay(options: {
  readonly databaseUrl: string;
  /** Shown in the log and in pg_stat_activity. */
  readonly service: string;
  /** Its transactions wake the relay at their commit; others are found by NOTIFY. */
  readonly dataSource?: DataSource | undefined;
  readonly transport: EventTransport;
  readonly logger: Logger;
}): EventRelay {
  const { transport, service, logger, dataSource } = options;
  const condition = createConditionLog(logger, 'event relay');
  const work = createWakeUp();
  const halt = createWakeUp();
  let stopped = false;
  let failures = 0;
  let lockedOn: Queryable | undefined;
  const connection = keepConnected({
    url: options.databaseUrl,
    name: `orion-${service}-relay`,
    channel: OUTBOX_CHANNEL,
    logger,
    onNotify: work.wake,
    onChange: work.wake,
  });

  const detach =
    dataSource &&
    attachLocalRelay(dataSource, {
      isActive: () => lockedOn !== undefined && lockedOn === connection.current(),
      wake: work.wake,
    });

  async function becomeActive(client: Queryable): Promise<boolean> {
    if (lockedOn === client) return true;
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [RELAY_LOCK]);
    if (rows[0]?.locked !== true) return false;
    // A server that crashes may forget the last deletions: what they deleted is sent again, as after any crash.
    await client.query('SET synchronous_commit = off');
    lockedOn = client;
    logger.debug('event relay is active');
    return true;
  }

  async function turn(): Promise<void> {
    const client = connection.current();
    if (client === undefined || !(await becomeActive(client))) return work.sleep(POLL_MS);
    await moveAll(client);
    if (!stopped) await work.sleep(POLL_MS);
  }

  /** Until nothing is left to move. */
  async function moveAll(client: Queryable): Promise<void> {
    let sent: readonly string[] = [];
    let batch = await readOutbox(client, []);
    while (batch.seqs.length > 0 && !stopped) {
      const [appended, next] = await Promise.allSettled([
        transport.append(batch.events),
        advance(client, { sent, onTheirWay: batch }),
      ]);
      if (appended.status === 'rejected') throw appended.reason;
      if (next.status === 'rejected') throw next.reason;
      sent = batch.seqs;
      batch = next.value;
      succeeded();
    }
    await deleteFromOutbox(client, sent);
    succeeded();
  }

  function succeeded(): void {
    condition.works();
    failures = 0;
  }

  /** Deletes what was sent and reads what comes after the batch that is on its way. */
  async function advance(
    client: Queryable,
    { sent, onTheirWay }: { readonly sent: readonly string[]; readonly onTheirWay: OutboxBatch },
  ): Promise<OutboxBatch> {
    await Promise.all([deleteFromOutbox(client, sent), onTheirWay.isFull || halt.sleep(READ_EVERY_MS)]);
    return readOutbox(client, onTheirWay.seqs);
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await turn();
      } catch (error) {
        failures += 1;
        condition.fails(error);
        // Not work.sleep: while the broker is down, every publish would end the wait.
        if (!stopped) await halt.sleep(backoffDelay(failures, RETRY));
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopped = true;
      detach?.();
      work.wake();
      halt.wake();
      await running;
      await connection.stop();
    },
  };
}
