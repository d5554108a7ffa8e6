import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { appendForeign } from './foreign-events.js';
import { describeLags, isDelayed, readLag, timeToEffect } from './progress.js';
import { query } from './rig/postgres-server.js';
import type { Rig } from './rig/rig.js';
import { BOTH, defineScenario } from './scenario.js';
import { figuresOf, underLoad, until } from './under-load.js';

/** Retries of several events take turns, and a busy machine is late. */
const LATE_MS = 2_000;
const FOREIGN = 6;

export const f06Poison = defineScenario({
  id: 'F6',
  title: 'poison: a handler that always throws, data that breaks its contract, bytes that are no JSON',
  transports: BOTH,
  inTests: [],
  quick: { forMs: 2_500, every: 20, attempts: 4, baseMs: 400 },
  full: { forMs: 120_000, every: 250, attempts: 6, baseMs: 500 },
  expected: 'others flow; after N attempts, each after its delay, dead, announced in orion.dlq and orion.audit',
  async run({ openRig, parameters, transport }) {
    const { attempts, baseMs } = parameters;
    const rig = await openRig();
    rig.startRelay();
    rig.startConsumer(() => ({ ordering: 'none', retry: { maxAttempts: attempts, baseMs } }));
    const producer = rig.startProducer();
    const problems: string[] = [];
    let calm = { from: new Date(), to: new Date() };
    let poisoned = calm;
    const outcome = await underLoad(rig, {
      producer,
      settleWithin: 120_000,
      async fault() {
        await timeToEffect(rig, { within: 60_000 });
        const from = new Date();
        await wait(Math.min(parameters.forMs, 10_000));
        calm = { from, to: new Date() };
        const poisoner = rig.startProducer({ rate: 50, keys: 8, poisonEvery: parameters.every, keyPrefix: 'poison' });
        await poisoner.ready();
        const foreign = Array.from({ length: FOREIGN }, (_, index) => ({
          id: randomUUID(),
          // Text that is no JSON comes from a foreign producer only: the tables of the embedded transport refuse it.
          isJson: transport === 'postgres' || index % 2 === 0,
        }));
        await query(
          rig.producerUrl,
          `INSERT INTO sent (event_id, key, n, fail) SELECT id, 'foreign', 1, -1 FROM unnest($1::uuid[]) AS event (id)`,
          [foreign.map(({ id }) => id)],
        );
        await appendForeign(rig, foreign);
        await wait(parameters.forMs);
        poisoned = { from: calm.to, to: new Date() };
        await poisoner.stop();
      },
      async onSettled() {
        // The notices travel as events do.
        await until('announced', { within: 20_000 }, async () => (await readAnnouncements(rig)).length === 0).catch(
          async () => problems.push(...(await readAnnouncements(rig))),
        );
      },
    });
    const lags = { calm: await readLag(rig, calm), meanwhile: await readLag(rig, poisoned) };
    if (isDelayed(lags)) problems.push('the others did not flow');
    problems.push(...(await readSchedule(rig, { attempts, baseMs })));
    return figuresOf(outcome, {
      done: `${outcome.ledger.poison} poison, ${outcome.ledger.dead} dead after ${attempts} attempts`,
      problems,
      notes: [describeLags(lags)],
    });
  },
});

/** Every dead event is announced once, and recorded for the audit log. */
async function readAnnouncements({ consumerUrl, group }: Rig): Promise<readonly string[]> {
  const [row] = await query<{ unannounced: number; unaudited: number }>(
    consumerUrl,
    `SELECT count(*) FILTER (WHERE (SELECT count(*) FROM notices
              WHERE type LIKE '%.event.dead_lettered.v_' AND data ->> 'eventId' = parked_events.event_id::text) <> 1)::int AS unannounced,
            count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM notices
              WHERE type LIKE '%.audit.recorded.v_' AND data::text LIKE '%' || parked_events.event_id || '%'))::int AS unaudited
     FROM parked_events WHERE grp = $1 AND state = 'dead'`,
    [group],
  );
  return [
    ...(row?.unannounced === 0 ? [] : [`${row?.unannounced} dead events are not announced exactly once`]),
    ...(row?.unaudited === 0 ? [] : [`${row?.unaudited} dead events have no audit event`]),
  ];
}

/**
 * Calls of the handler against the schedule: attempt k + 1 comes `base * 2^(k-1)`, of which up to a half is taken off,
 * after attempt k. The first attempt may call twice: in the batch, and then alone; and its delay counts from the start
 * of the batch's transaction.
 */
async function readSchedule(
  { consumerUrl }: Rig,
  { attempts, baseMs }: { readonly attempts: number; readonly baseMs: number },
): Promise<readonly string[]> {
  const [row] = await query<{ events: number; wrong: number; early: number; late: number }>(
    consumerUrl,
    `WITH calls AS (
       SELECT event_id, attempt, min(at) AS first, max(at) AS last FROM attempts GROUP BY event_id, attempt),
     waits AS (
       SELECT attempt - 1 AS after, $1::float8 * 2 ^ (attempt - 2) AS delay,
              extract(epoch FROM first - lag(last) OVER (PARTITION BY event_id ORDER BY attempt)) * 1000 AS waited
       FROM calls)
     SELECT (SELECT count(DISTINCT event_id)::int FROM calls) AS events,
            (SELECT count(*)::int FROM (SELECT FROM calls GROUP BY event_id HAVING count(*) <> $2::int) AS odd) AS wrong,
            count(*) FILTER (WHERE after > 1 AND waited < delay * 0.5 - 5)::int AS early,
            count(*) FILTER (WHERE after > 0 AND waited > delay + $3::float8)::int AS late
     FROM waits`,
    [baseMs, attempts, LATE_MS],
  );
  if (row === undefined || row.events === 0) return ['no attempt was counted'];
  return [
    ...(row.wrong > 0 ? [`${row.wrong} events were not tried ${attempts} times`] : []),
    ...(row.early > 0 ? [`${row.early} attempts came before their delay`] : []),
    ...(row.late > 0 ? [`${row.late} attempts came more than ${LATE_MS} ms after their delay`] : []),
  ];
}
