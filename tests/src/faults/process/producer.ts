import { setTimeout as wait } from 'node:timers/promises';
import { publish } from '@orion/platform/events';
import { countedOn } from '../counted-event.js';
import type { Counted } from '../counted-event.js';
import { openProducerDatabase } from './databases.js';
import type { ProducerPlan, ProducerStats } from './plan.js';

/** A caller of a service tries again after a failure; so does this. */
const AFTER_FAILURE_MS = 50;

/** Writes and publishes in transactions, and counts how that goes. Returns how to stop it. */
export async function runProducer(plan: ProducerPlan): Promise<() => Promise<void>> {
  const dataSource = await openProducerDatabase(plan.databaseUrl, { poolSize: plan.workers + 1 });
  const contract = countedOn(plan.topic, plan.version);
  const padding = 'x'.repeat(plan.paddingBytes);
  const last = await readLastNumbers(dataSource);
  let committed = 0;
  let failed = 0;
  let attempted = 0;
  let longestPauseMs = 0;
  let lastCommit = performance.now();
  let stopped = false;

  function nextEvents(keys: readonly string[]): readonly Counted[] {
    return Array.from({ length: plan.perTransaction }, (_, index) => {
      const counterId = keys[(attempted + index) % keys.length] ?? '';
      const n = (last.get(counterId) ?? 0) + 1;
      last.set(counterId, n);
      attempted += 1;
      return { counterId, n, fail: failuresOf(attempted, plan), padding, ...(plan.version === 2 && { unit: 'piece' }) };
    });
  }

  async function transact(events: readonly Counted[]): Promise<void> {
    await dataSource.transaction(async (manager) => {
      const envelopes = await publish(manager, events.map(contract.of));
      await manager.query(
        `INSERT INTO sent (event_id, key, n, fail) SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[])`,
        [
          envelopes.map(({ id }) => id),
          events.map(({ counterId }) => counterId),
          events.map(({ n }) => n),
          events.map(({ fail }) => fail),
        ],
      );
    });
  }

  async function work(worker: number): Promise<void> {
    const keys = Array.from({ length: plan.keys }, (_, key) => key)
      .filter((key) => key % plan.workers === worker)
      .map((key) => `${plan.keyPrefix}-${key}`);
    const pauseMs = plan.rate === 0 ? 0 : (1_000 * plan.workers * plan.perTransaction) / plan.rate;
    let due = performance.now();
    while (!stopped && (plan.count === 0 || attempted < plan.count)) {
      try {
        await transact(nextEvents(keys));
        committed += plan.perTransaction;
        const now = performance.now();
        longestPauseMs = Math.max(longestPauseMs, now - lastCommit);
        lastCommit = now;
      } catch {
        // Counted: what failed is not in `sent` either, or it is in both.
        failed += 1;
        await wait(AFTER_FAILURE_MS);
      }
      due = Math.max(due + pauseMs, performance.now() - 1_000);
      if (due > performance.now()) await wait(due - performance.now());
    }
  }

  const working = Promise.all(Array.from({ length: plan.workers }, (_, worker) => work(worker))).then(() => {
    process.send?.({ type: 'finished' });
  });
  return async () => {
    stopped = true;
    await working;
    const stats: ProducerStats = { committed, failed, longestPauseMs: Math.round(longestPauseMs) };
    process.send?.({ type: 'produced', stats });
    await dataSource.destroy();
  };
}

function failuresOf(number: number, { poisonEvery, failThreeEvery }: ProducerPlan): number {
  if (poisonEvery > 0 && number % poisonEvery === 0) return -1;
  return failThreeEvery > 0 && number % failThreeEvery === 0 ? 3 : 0;
}

async function readLastNumbers(dataSource: { query(sql: string): Promise<unknown> }): Promise<Map<string, number>> {
  const rows = (await dataSource.query('SELECT key, max(n) AS n FROM sent GROUP BY key')) as readonly {
    readonly key: string;
    readonly n: number;
  }[];
  return new Map(rows.map(({ key, n }) => [key, n]));
}
