import { randomUUID } from 'node:crypto';
import { eventually } from '../../testing/eventually.js';
import type { EventEnvelope } from '../envelope.js';
import type { LogPosition } from '../transport/log-position.js';
import { numbersOf, sampleEvent } from './sample-event.js';
import { PATIENCE, series } from './transport-contract-bed.js';
import type { ContractBed } from './transport-contract-bed.js';

/** Places in the log: where groups begin, replays, lag, and the end of a backlog. */
export function describePositions({ open, newTopic, append, collect }: ContractBed): void {
  /** A moment after everything that is in the log, and before everything that is not. */
  const between = async (): Promise<Date> => {
    const before = Date.now();
    await eventually(() => Date.now() > before + 5);
    const now = new Date();
    await eventually(() => Date.now() > now.getTime() + 5);
    return now;
  };

  describe('where a new group begins', () => {
    it('is the end, a time, an offset or the beginning, and one that was seen goes on where it was', async () => {
      const transport = open();
      const topic = newTopic();
      await append(transport, series(topic, ['a', 'b'], 4));
      const time = await between();
      await append(transport, series(topic, ['a', 'b'], 4, 4));
      const seen = randomUUID();
      const first = await collect(transport, [topic], { group: seen });
      await eventually(() => first.events.length === 8, PATIENCE);
      await first.subscription.stop();
      const begin = (startAt: LogPosition, group: string = randomUUID()) =>
        collect(transport, [topic], { group, startAt });
      const groups = [
        await begin('end'),
        await begin({ time }),
        await begin({ offset: Number.MAX_SAFE_INTEGER }),
        await begin({ offset: 0 }),
        await begin('beginning'),
        await begin('beginning', seen),
        await begin({ offset: 0 }, seen),
      ];
      // Nobody waits between the end that was taken and this.
      await append(transport, series(topic, ['a', 'b'], 2, 8));
      const numbers = () => groups.map(({ events }) => numbersOf(events).toSorted((a, b) => a - b));
      const all = Array.from({ length: 10 }, (_, n) => n);
      await eventually(() => {
        const [end, atTime, beyond, zero, beginning, again, andAgain] = numbers();
        expect(end).toEqual([8, 9]);
        expect(atTime).toEqual(all.slice(4));
        expect(beyond).toEqual([8, 9]);
        expect(zero).toEqual(all);
        expect(beginning).toEqual(all);
        expect([...(again ?? []), ...(andAgain ?? [])].toSorted((a, b) => a - b)).toEqual([8, 9]);
        return true;
      }, PATIENCE);
    });

    it('is one place, though its members start at the same time', async () => {
      const topic = newTopic();
      const transports = [open(), open(), open()];
      await append(open(), series(topic, ['a', 'b', 'c'], 30));
      const group = randomUUID();
      const seen = new Set<number>();
      await Promise.all(
        transports.map(async (transport, index) => {
          await transport.subscribe([topic], {
            group,
            startAt: 'end',
            onBatch: (batch) => {
              numbersOf(batch).forEach((n) => seen.add(n));
              return Promise.resolve();
            },
          });
          // From here on the place of the group is fixed, whatever the others still do.
          await append(transport, [sampleEvent(topic, { key: 'a', n: 100 + index })]);
        }),
      );
      await eventually(() => [100, 101, 102].every((n) => seen.has(n)), PATIENCE);
      expect([...seen].filter((n) => n < 100)).toEqual([]);
    });

    it('must be a place', async () => {
      const transport = open();
      const onBatch = () => Promise.resolve();
      await expect(transport.subscribe(['orion.x'], { group: 'g', startAt: { offset: -1 }, onBatch })).rejects.toThrow(
        /offset must be a whole number/,
      );
      await expect(transport.replay(['orion.x'], { from: { time: new Date('x') }, onBatch })).rejects.toThrow(
        /time is not valid/,
      );
    });
  });

  describe('replay', () => {
    it('reads once from a place to what the log holds, while the live group stays where it is', async () => {
      const transport = open();
      const topic = newTopic();
      const keys = ['a', 'b', 'c'];
      await append(transport, series(topic, keys, 6));
      const time = await between();
      await append(transport, series(topic, keys, 600, 6));
      const group = randomUUID();
      const live: number[] = [];
      await transport.subscribe([topic], {
        group,
        onBatch: (batch) => {
          live.push(...numbersOf(batch));
          return Promise.resolve();
        },
      });
      await eventually(
        async () => new Set(live).size === 606 && (await transport.lag(group, [topic])).events === 0,
        PATIENCE,
      );
      const before = live.length;
      const read = async (from: LogPosition, topics: readonly string[] = [topic]) => {
        const events = new Map<string, EventEnvelope>();
        let [largest, delivered] = [0, 0];
        const { events: count } = await transport.replay(topics, {
          from,
          batchSize: 50,
          onBatch: async (batch) => {
            // What comes while it is read is not part of it.
            if (events.size === 0) await append(transport, [sampleEvent(topic, { key: 'a', n: 10_000 })]);
            for (const event of batch) if (!events.has(event.id)) events.set(event.id, event);
            delivered += batch.length;
            largest = Math.max(largest, batch.length);
          },
        });
        expect(count).toBe(delivered);
        expect(largest).toBeLessThanOrEqual(50);
        for (const key of keys) {
          const numbers = numbersOf([...events.values()].filter((event) => event.key === key));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
        return numbersOf([...events.values()]).toSorted((a, b) => a - b);
      };
      const all = Array.from({ length: 606 }, (_, n) => n);
      expect(await read('beginning')).toEqual(all);
      expect(await read({ time }, [`${topic}.**`])).toEqual([...all.slice(6), 10_000]);
      expect(await read({ offset: 0 })).toEqual([...all, 10_000, 10_000]);
      expect(await read('end')).toEqual([]);
      await eventually(async () => (await transport.lag(group, [topic])).events === 0, PATIENCE);
      expect(live.slice(before)).toEqual([10_000, 10_000, 10_000]);
      expect(await transport.lag(group, [topic])).toEqual({ events: 0, oldestAt: null });
    });

    it('resolves for topics without events, and for a pattern that nothing matches', async () => {
      const transport = open();
      const nothing = { from: 'beginning', onBatch: () => Promise.reject(new Error('there is nothing')) } as const;
      expect(await transport.replay([newTopic()], nothing)).toEqual({ events: 0 });
      expect(await transport.replay([`${newTopic()}.*`], nothing)).toEqual({ events: 0 });
    });

    it('rejects with what the handler rejects with, and with the reason of an abort', async () => {
      const transport = open();
      const topic = newTopic();
      await append(transport, series(topic, ['a'], 100));
      let calls = 0;
      const broken = new Error('the handler is broken');
      const rejects = () => {
        calls += 1;
        return Promise.reject(broken);
      };
      await expect(transport.replay([topic], { from: 'beginning', onBatch: rejects })).rejects.toBe(broken);
      expect(calls).toBe(1);
      const abort = new AbortController();
      const reason = new Error('enough');
      let taken = 0;
      const aborts = (batch: readonly EventEnvelope[]) => {
        taken += batch.length;
        abort.abort(reason);
        return Promise.resolve();
      };
      await expect(
        transport.replay([topic], { from: 'beginning', batchSize: 10, signal: abort.signal, onBatch: aborts }),
      ).rejects.toBe(reason);
      expect(taken).toBe(10);
    });
  });

  it('knows what a group has not taken yet', async () => {
    const transport = open();
    const [topic, other] = [newTopic(), newTopic()];
    const group = randomUUID();
    const before = Date.now();
    // A topic that was made a moment ago may take an event twice.
    await append(transport, [...series(topic, ['a', 'b'], 2), ...series(other, ['a'], 2)]);
    const { events: first } = await transport.lag(group, [topic]);
    await append(transport, series(topic, ['a', 'b'], 3, 2));
    const unseen = await transport.lag(group, [topic]);
    expect(unseen.events).toBe(first + 3);
    if (unseen.oldestAt !== null) {
      expect(Math.abs(unseen.oldestAt.getTime() - before)).toBeLessThan(10_000);
    }
    const { events, subscription } = await collect(transport, [topic], { group });
    await eventually(async () => events.length === 5 && (await transport.lag(group, [topic])).events === 0, PATIENCE);
    await subscription.stop();
    await append(transport, series(topic, ['a', 'b'], 3));
    expect((await transport.lag(group, [topic])).events).toBe(3);
    expect((await transport.lag(group, [newTopic(), `${newTopic()}.*`])).events).toBe(0);
  });

  describe('a tail', () => {
    it('has caught up when everything is shown that was there, and at once when there is nothing', async () => {
      const transport = open();
      const topic = newTopic();
      const since = new Date(Date.now() - 60_000);
      const empty = await transport.tail([topic], { since, onEvent: () => undefined });
      await empty.caughtUp;
      const all = series(topic, ['a', 'b', 'c', 'd'], 3_000);
      for (let from = 0; from < all.length; from += 500) await append(transport, all.slice(from, from + 500));
      const seen = new Set<string>();
      const tail = await transport.tail([topic], { since, onEvent: ({ id }) => void seen.add(id) });
      const early = seen.size;
      await tail.caughtUp;
      expect(seen.size).toBe(3_000);
      expect(early).toBeLessThan(3_000);
      const now = await transport.tail([topic], { onEvent: () => undefined });
      await now.caughtUp;
    });
  });
}
