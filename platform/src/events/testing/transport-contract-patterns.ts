import { randomUUID } from 'node:crypto';
import { eventually } from '../../testing/eventually.js';
import { numbersOf, sampleEvent } from './sample-event.js';
import { PATIENCE } from './transport-contract-bed.js';
import type { ContractBed } from './transport-contract-bed.js';

/** Topics by pattern. */
export function describePatterns({ open, newTopic, append, collect, traits }: ContractBed): void {
  describe('patterns', () => {
    it('reads what matches, and a topic that comes to be later, in groups and in tails', async () => {
      const transport = open();
      const prefix = newTopic();
      const events = (names: readonly string[], first: number) =>
        names.map((name, index) => sampleEvent(name, { key: 'k', n: first + index }));
      await append(transport, events([`${prefix}.a`, `${prefix}.b.deep`, `${prefix}x.a`], 0));
      const [one, any, tailed] = [
        await collect(transport, [`${prefix}.*`], { group: randomUUID() }),
        await collect(transport, [`${prefix}.**`, `${prefix}x.a`], { group: randomUUID() }),
        [] as number[],
      ];
      // No topic matches yet.
      const none = await collect(transport, [`${prefix}.later.*`], { group: randomUUID() });
      await transport.tail([`${prefix}.**`], { onEvent: (event) => void tailed.push(...numbersOf([event])) });
      await eventually(() => one.events.length === 1 && any.events.length === 3, PATIENCE);
      expect(numbersOf(one.events)).toEqual([0]);

      await append(transport, events([`${prefix}.c`, `${prefix}.later.d`, `${prefix}y.a`], 3));
      const within = { within: traits.laterTopicMs };
      await eventually(
        () => one.events.length === 2 && any.events.length === 5 && none.events.length === 1 && tailed.length === 2,
        within,
      );
      expect(numbersOf(one.events)).toEqual([0, 3]);
      expect(numbersOf(any.events).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
      expect(numbersOf(none.events)).toEqual([4]);
      expect(tailed.toSorted((a, b) => a - b)).toEqual([3, 4]);
    });

    it('refuses what is neither a name nor a pattern', async () => {
      const transport = open();
      const bad = ['orion.us*'];
      const onBatch = () => Promise.resolve();
      const message = /"orion\.us\*" is no name and no pattern: write/;
      await expect(transport.subscribe(bad, { group: 'g', onBatch })).rejects.toThrow(message);
      await expect(transport.tail(bad, { onEvent: () => undefined })).rejects.toThrow(message);
      await expect(transport.replay(bad, { from: 'beginning', onBatch })).rejects.toThrow(message);
      await expect(transport.lag('g', bad)).rejects.toThrow(message);
    });
  });
}
