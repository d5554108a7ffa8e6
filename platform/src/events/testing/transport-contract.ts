import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { eventually } from '../../testing/eventually.js';
import type { EventEnvelope } from '../envelope.js';
import type { EventSubscription } from '../transport/transport.js';
import { numbersOf, sampleEvent } from './sample-event.js';
import { createContractBed, PATIENCE, series } from './transport-contract-bed.js';
import type { TransportTraits } from './transport-contract-bed.js';
import { describeGroups } from './transport-contract-groups.js';
import { describePatterns } from './transport-contract-patterns.js';
import { describePositions } from './transport-contract-positions.js';

/** What every transport promises. */
export function describeTransportContract(name: string, traits: TransportTraits): void {
  jest.setTimeout(2 * PATIENCE.within);
  describe(`transport contract: ${name}`, () => {
    const bed = createContractBed(traits);
    const { open, newTopic, append } = bed;
    afterEach(() => bed.close());

    it('answers a ping', async () => {
      await expect(open().ping()).resolves.toBeUndefined();
    });

    it('delivers what was appended, unchanged, also from before the group existed', async () => {
      const transport = open();
      const topic = newTopic();
      const before = series(topic, ['a'], 3);
      await append(transport, before);
      const { events } = await bed.collect(transport, [topic], { group: randomUUID() });
      await eventually(() => events.length === 3, PATIENCE);
      const after = sampleEvent(topic, { key: 'a', n: 3 });
      await append(transport, [after]);
      await eventually(() => events.length === 4);
      expect(events).toEqual([...before, after]);
    });

    it('keeps the order of each key', async () => {
      const transport = open();
      const topic = newTopic();
      const keys = ['a', 'b', 'c', 'd', 'e'];
      const all = series(topic, keys, 1_000);
      for (let from = 0; from < all.length; from += 100) await append(transport, all.slice(from, from + 100));
      const { events } = await bed.collect(transport, [topic], { group: randomUUID() });
      await eventually(() => events.length === all.length, PATIENCE);
      for (const key of keys) {
        const numbers = numbersOf(events.filter((event) => event.key === key));
        expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
      }
    });

    it('gives a group only the topics it asked for, and each group everything', async () => {
      const transport = open();
      const [one, two, other] = [newTopic(), newTopic(), newTopic()];
      await append(
        transport,
        [one, two, other].map((topic, n) => sampleEvent(topic, { key: 'k', n })),
      );
      const first = await bed.collect(transport, [one, two], { group: randomUUID() });
      const second = await bed.collect(transport, [two], { group: randomUUID() });
      await eventually(() => first.events.length === 2 && second.events.length === 1, PATIENCE);
      expect(numbersOf(first.events).toSorted((a, b) => a - b)).toEqual([0, 1]);
      expect(numbersOf(second.events)).toEqual([1]);
    });

    it('delivers a batch again, in order, until the handler resolves', async () => {
      const transport = open();
      const topic = newTopic();
      const seen: number[][] = [];
      await transport.subscribe([topic], {
        group: randomUUID(),
        onBatch: (batch) => {
          seen.push(numbersOf(batch));
          return seen.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
        },
      });
      await append(transport, series(topic, ['a'], 5));
      await eventually(() => seen.flat().filter((n) => n === 4).length >= 3 || seen.length >= 8, PATIENCE);
      expect(seen.slice(0, 3).map((batch) => batch[0])).toEqual([0, 0, 0]);
      expect([...new Set(seen.slice(2).flat())]).toEqual([0, 1, 2, 3, 4]);
    });

    it('keeps to the batch size', async () => {
      const transport = open();
      const topic = newTopic();
      await append(transport, series(topic, ['a'], 25));
      const sizes: number[] = [];
      const seen = new Set<string>();
      await transport.subscribe([topic], {
        group: randomUUID(),
        batchSize: 10,
        onBatch: (batch) => {
          sizes.push(batch.length);
          for (const { id } of batch) seen.add(id);
          return Promise.resolve();
        },
      });
      await eventually(() => seen.size === 25, PATIENCE);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    });

    it('goes on where the group stopped, in another process too', async () => {
      const topic = newTopic();
      const group = randomUUID();
      const first = open();
      const before = await bed.collect(first, [topic], { group });
      await append(first, series(topic, ['a', 'b'], 10));
      await eventually(() => before.events.length === 10, PATIENCE);
      await before.subscription.stop();
      await first.close();
      const second = open();
      await append(second, [sampleEvent(topic, { key: 'a', n: 10 })]);
      const after = await bed.collect(second, [topic], { group });
      await eventually(() => after.events.length >= 1, PATIENCE);
      expect(numbersOf(after.events)).toEqual([10]);
    });

    it('gives each event to one of two members, and all to the one that is left', async () => {
      const topic = newTopic();
      const group = randomUUID();
      const transports = [open(), open()] as const;
      const left = await bed.collect(transports[0], [topic], { group });
      const right = await bed.collect(transports[1], [topic], { group });
      const total = () => left.events.length + right.events.length;
      await append(transports[0], series(topic, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 40));
      await eventually(() => new Set([...left.events, ...right.events].map(({ id }) => id)).size === 40, PATIENCE);
      await left.subscription.stop();
      const stoppedAt = left.events.length;
      const before = total();
      await append(transports[1], series(topic, ['a', 'b', 'c', 'd'], 20));
      await eventually(() => total() >= before + 20, PATIENCE);
      expect(left.events).toHaveLength(stoppedAt);
    });

    it('calls no handler after stop has resolved, and waits for the one that runs', async () => {
      const transport = open();
      const topic = newTopic();
      let running = 0;
      let finished = 0;
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const subscription = await transport.subscribe([topic], {
        group: randomUUID(),
        onBatch: async () => {
          running += 1;
          await held;
          finished += 1;
        },
      });
      await append(transport, [sampleEvent(topic, { key: 'a', n: 0 })]);
      await eventually(() => running === 1, PATIENCE);
      const stopping = subscription.stop();
      release();
      await stopping;
      expect(finished).toBe(1);
      await append(transport, [sampleEvent(topic, { key: 'a', n: 1 })]);
      expect(running).toBe(1);
    });

    it('tails from now, in every process, past an observer that throws', async () => {
      const topic = newTopic();
      const transports = [open(), open()] as const;
      await append(transports[0], [sampleEvent(topic, { key: 'a', n: 0 })]);
      const seen: EventEnvelope[][] = [[], []];
      const tails: EventSubscription[] = [];
      for (const [index, transport] of transports.entries()) {
        tails.push(
          await transport.tail([topic], {
            onEvent: (event) => {
              if (seen[index]?.some(({ id }) => id === event.id) === false) seen[index].push(event);
              if (numbersOf([event])[0] === 1) throw new Error('observer is broken');
            },
          }),
        );
      }
      await append(transports[0], [sampleEvent(topic, { key: 'a', n: 1 }), sampleEvent(topic, { key: 'a', n: 2 })]);
      await eventually(() => seen.every((events) => events.length === 2), PATIENCE);
      expect(seen.map((events) => numbersOf(events))).toEqual([
        [1, 2],
        [1, 2],
      ]);
      await Promise.all(tails.map((tail) => tail.stop()));
      await append(transports[0], [sampleEvent(topic, { key: 'a', n: 3 })]);
      expect(seen.flat()).toHaveLength(4);
    });

    it('tails from a moment in the past', async () => {
      const transport = open();
      const topic = newTopic();
      await append(transport, [sampleEvent(topic, { key: 'a', n: 0 })]);
      const before = Date.now();
      // The clock of the log is the clock of this machine; it only has to move on.
      await eventually(() => Date.now() > before + 5);
      const since = new Date();
      await append(transport, series(topic, ['a'], 3));
      const seen: EventEnvelope[] = [];
      await transport.tail([topic], {
        since,
        onEvent: (event) => void (seen.some(({ id }) => id === event.id) || seen.push(event)),
      });
      await eventually(() => seen.length === 3, PATIENCE);
      expect(numbersOf(seen)).toEqual([0, 1, 2]);
    });

    describePatterns(bed);
    describePositions(bed);
    describeGroups(bed);
  });
}
