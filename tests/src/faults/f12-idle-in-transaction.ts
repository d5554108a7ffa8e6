import { setTimeout as wait } from 'node:timers/promises';
import { openProducerDatabase } from './process/databases.js';
import { describeLags, isDelayed, readLag, timeToEffect } from './progress.js';
import { query, withClient } from './rig/postgres-server.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad } from './under-load.js';

export const f12IdleInTransaction = defineScenario({
  id: 'F12',
  title: 'a session idle in a transaction that has written',
  transports: BOTH,
  inTests: [],
  quick: { idleMs: 2_000, waitForTimeoutMs: 0 },
  full: { idleMs: 120_000, waitForTimeoutMs: 25_000 },
  expected: "nothing waits for a foreign one; the services' own are ended by the server after 15 s",
  async run({ openRig, parameters }) {
    const rig = await openRig();
    const problems: string[] = [];
    const notes: string[] = [];
    rig.startRelay();
    rig.startConsumer();
    const producer = rig.startProducer();
    let calm = { from: new Date(), to: new Date() };
    let idle = calm;

    const idleOn = (url: string, write: string): Promise<void> =>
      withClient(url, async (client) => {
        await client.query('SET idle_in_transaction_session_timeout = 0');
        await client.query(`BEGIN; ${write}`);
        await wait(parameters.idleMs);
        await client.query('ROLLBACK');
      });

    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 60_000,
      async fault() {
        await timeToEffect(rig, { within: 60_000 });
        const from = new Date();
        await wait(Math.min(parameters.idleMs, 10_000));
        calm = { from, to: new Date() };
        await Promise.all([
          idleOn(rig.producerUrl, `INSERT INTO outbox (id, envelope) VALUES (gen_random_uuid(), '{}')`),
          idleOn(rig.consumerUrl, `INSERT INTO inbox (grp, event_id) VALUES ('other', gen_random_uuid())`),
        ]);
        idle = { from: calm.to, to: new Date() };
        notes.push(...(await ownTransactionIsEnded(rig.producerUrl, parameters.waitForTimeoutMs, problems)));
      },
    });
    const lags = { calm: await readLag(rig, calm), meanwhile: await readLag(rig, idle) };
    notes.push(describeLags(lags));
    if (isDelayed(lags)) problems.push('events were delayed meanwhile');
    return figuresOf(outcome, { done: `idle for ${parameters.idleMs / 1_000} s in two databases`, problems, notes });
  },
});

/** What the product's own pool does; `waitForIt` 0: only what it is set to. */
async function ownTransactionIsEnded(url: string, waitForIt: number, problems: string[]): Promise<readonly string[]> {
  const dataSource = await openProducerDatabase(url);
  try {
    const [row]: readonly { readonly timeout: string }[] = await dataSource.query(
      `SELECT current_setting('idle_in_transaction_session_timeout') AS timeout`,
    );
    if (row?.timeout !== '15s') problems.push(`idle_in_transaction_session_timeout is ${row?.timeout}, not 15s`);
    if (waitForIt === 0) return [`services: idle_in_transaction_session_timeout ${row?.timeout}`];
    const outcome = await dataSource
      .transaction(async (manager) => {
        await manager.query(`INSERT INTO sent (event_id, key, n, fail) VALUES (gen_random_uuid(), 'idle', 1, 0)`);
        await wait(waitForIt);
        await manager.query('SELECT 1');
      })
      .then(
        () => 'went on',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    if (outcome === 'went on') problems.push('a transaction of a service stayed idle and was not ended');
    const left = await query(url, `SELECT 1 FROM sent WHERE key = 'idle'`);
    if (left.length > 0) problems.push('what it had written remained');
    return [`services: ended after ${row?.timeout} with "${outcome}"`];
  } finally {
    await dataSource.destroy();
  }
}
