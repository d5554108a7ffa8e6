import { eventually } from '../../testing/eventually.js';
import { on, route } from '../consuming/route.js';
import { NEVER_AGAIN, QUICK, WITHIN } from './backbone-test-bench.js';
import type { BackboneTestBench } from './backbone-test-bench.js';
import { counted, countedEvent, recordEffects } from './event-test-bed.js';

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** What fails is tried again by the schedule, and in order where that matters. */
export function describeRetries(bench: () => BackboneTestBench): void {
  describe('events that fail', () => {
    it('are tried again exactly by the schedule, when they are due and not before', async () => {
      const { append, bed, consume, name, parked } = bench();
      const group = name();
      const calls: number[] = [];
      const due: number[] = [];
      const readDue = async () => {
        const rows: { next_at: Date; wait: number }[] = await bed.dataSource.query(
          `SELECT next_at, (extract(epoch FROM next_at - changed_at) * 1000)::float8 AS wait FROM parked_events
           WHERE grp = $1 AND state = 'retry'`,
          [group],
        );
        return rows[0];
      };
      const waits = new Map<number, number>();
      await consume(group, {
        retry: { maxAttempts: 5, baseMs: 50, factor: 2, capMs: 300, jitter: 'none' },
        handle: route([
          on(counted, async (_, manager) => {
            const [{ now }]: [{ now: Date }] = await manager.query('SELECT clock_timestamp() AS now');
            calls.push(now.getTime());
            throw new Error('always');
          }),
        ]),
      });
      await append([countedEvent(`orion.${group}`, { n: 0 })]);
      await eventually(
        async () => {
          const row = await readDue();
          if (row !== undefined) waits.set(row.next_at.getTime(), row.wait);
          return (await parked(group, 'dead')).length === 1;
        },
        { ...WITHIN, every: 5 },
      );
      due.push(...waits.keys());
      expect([...waits.values()].map((wait) => Math.round(wait * 1_000) / 1_000)).toEqual([50, 100, 200, 300]);
      // The first two calls are the batch, without and with savepoints.
      const retries = calls.slice(2);
      expect(retries).toHaveLength(4);
      const late = retries.map((at, i) => at - (due[i] ?? 0));
      // Clocks of Postgres and this process are one; a millisecond is the rounding of both.
      expect(Math.min(...late)).toBeGreaterThanOrEqual(-1);
    });

    it('wait a random time, from half of what the schedule says to all of it', async () => {
      const { append, bed, consume, name, parked } = bench();
      const group = name();
      await consume(group, {
        retry: { ...NEVER_AGAIN, baseMs: 10_000, capMs: 60_000 },
        handle: recordEffects(group, () => Promise.reject(new Error('always'))),
      });
      await append(upTo(20).map((n) => countedEvent(`orion.${group}`, { n })));
      await eventually(async () => (await parked(group, 'retry')).length === 20, WITHIN);
      const rows: { wait: number }[] = await bed.dataSource.query(
        `SELECT (extract(epoch FROM next_at - changed_at) * 1000)::float8 AS wait FROM parked_events WHERE grp = $1`,
        [group],
      );
      const waits = rows.map(({ wait }) => wait);
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(5_000);
      expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
      expect(new Set(waits).size).toBeGreaterThan(1);
    });

    it('hold back the later events of their key, in order, and of no other key', async () => {
      const { append, bed, consume, name, numbers, parked } = bench();
      const group = name();
      const topic = `orion.${group}`;
      let failures = 0;
      await consume(group, {
        ordering: 'key',
        retry: { ...QUICK, maxAttempts: 8 },
        handle: recordEffects(group, (n) => {
          if (n === 1 && (failures += 1) <= 3) throw new Error('not yet');
        }),
      });
      await append([
        countedEvent(topic, { key: 'a', n: 1 }),
        countedEvent(topic, { key: 'b', n: 100 }),
        countedEvent(topic, { key: 'a', n: 2 }),
      ]);
      for (let n = 3; n <= 30; n += 1) await append([countedEvent(topic, { key: n % 2 === 0 ? 'a' : 'b', n })]);
      await eventually(async () => (await numbers(group)).length === 31, WITHIN);
      const ofKey = async (key: string) =>
        (await bed.effects(group)).filter((effect) => effect.key === key).map(({ n }) => n);
      expect(await ofKey('a')).toEqual([1, ...upTo(15).map((i) => 2 * i + 2)]);
      expect((await ofKey('b'))[0]).toBe(100);
      expect(await parked(group, 'retry')).toEqual([]);
    });

    it('are overtaken by later events of their key where order does not matter', async () => {
      const { append, consume, name, numbers } = bench();
      const group = name();
      let failures = 0;
      await consume(group, {
        ordering: 'none',
        handle: recordEffects(group, (n) => {
          if (n === 0 && (failures += 1) <= 2) throw new Error('not yet');
        }),
      });
      await append(upTo(5).map((n) => countedEvent(`orion.${group}`, { n })));
      await eventually(async () => (await numbers(group)).length === 5, WITHIN);
      expect(await numbers(group)).toEqual([1, 2, 3, 4, 0]);
    });

    it('drain in order, fast and in few transactions, when a long queue waits behind a key', async () => {
      const { append, bed, consume, name, numbers } = bench();
      const group = name();
      const topic = `orion.${group}`;
      let isBroken = true;
      const transactions = new Set<string>();
      await consume(group, {
        ordering: 'key',
        retry: { ...QUICK, maxAttempts: 1_000 },
        handle: route([
          on(counted, async ({ id, key, data: { n } }, manager) => {
            if (isBroken) throw new Error('not yet');
            const [{ xid }]: [{ xid: string }] = await manager.query(
              `INSERT INTO effects (grp, event_id, key, n, pid) VALUES ($1, $2, $3, $4, 0) RETURNING pg_current_xact_id() AS xid`,
              [group, id, key, n],
            );
            transactions.add(xid);
          }),
        ]),
      });
      const total = 500;
      for (let n = 0; n < total; n += 250)
        await append(upTo(250).map((i) => countedEvent(topic, { key: 'a', n: n + i })));
      const waiting = async () => {
        const [{ count }]: [{ count: number }] = await bed.dataSource.query(
          `SELECT count(*)::int AS count FROM parked_events WHERE grp = $1 AND state = 'retry'`,
          [group],
        );
        return count;
      };
      await eventually(async () => (await waiting()) === total, WITHIN);
      isBroken = false;
      await eventually(async () => (await numbers(group)).length >= total, { within: 90_000 });
      expect(await numbers(group)).toEqual(upTo(total));
      // 1, 2, 4 ... 64, and then 100 at a time: a dozen, and more where a transaction of so many takes long.
      expect(transactions.size).toBeLessThanOrEqual(total / 5);
    });
  });
}
