import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../testing/eventually.js';
import type { EventEnvelope } from '../envelope.js';
import { publish } from '../publishing/outbox.js';
import type { EventTransport } from '../transport/transport.js';
import { NEVER_AGAIN, WITHIN } from './backbone-test-bench.js';
import type { BackboneTestBench } from './backbone-test-bench.js';
import { counted, countedEvent, recordEffects } from './event-test-bed.js';

const FIXTURE = fileURLToPath(new URL('event-process.fixture.js', import.meta.url));

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const sorted = (numbers: readonly number[]) => numbers.toSorted((left, right) => left - right);

/** Effects happen once, and nothing is lost. */
export function describeEffects(bench: () => BackboneTestBench): void {
  describe('effects', () => {
    it('happen once, however often an event is delivered', async () => {
      const { append, consume, numbers, name, transport } = bench();
      const group = name();
      const twice: EventTransport = {
        ...transport,
        subscribe: (topics, options) =>
          transport.subscribe(topics, {
            ...options,
            onBatch: async (batch) => {
              await options.onBatch([...batch, ...batch]);
              await options.onBatch(batch);
            },
          }),
      };
      await append(upTo(30).map((n) => countedEvent(`orion.${group}`, { n })));
      await consume(group, { transport: twice });
      await eventually(async () => (await numbers(group)).length >= 30, WITHIN);
      await append([countedEvent(`orion.${group}`, { n: 30 })]);
      await eventually(async () => (await numbers(group)).includes(30), WITHIN);
      expect(await numbers(group)).toEqual(upTo(31));
    });

    it.each(['consumer-dies-in-handler', 'consumer-dies-after-commit'])(
      'happen once while two processes share a group and get killed: %s',
      async (mode) => {
        const { address, append, bed, consume, name } = bench();
        const group = name();
        const topic = `orion.${group}`;
        const total = 400;
        const processes = new Set<ChildProcess>();
        let deaths = 0;
        const spawn = () => {
          const child = fork(FIXTURE, [mode, bed.databaseUrl, address, group, topic]);
          processes.add(child);
          child.once('exit', (_, signal) => {
            processes.delete(child);
            if (signal !== 'SIGKILL') return;
            deaths += 1;
            if (deaths <= 3) spawn();
          });
        };
        spawn();
        spawn();
        try {
          for (let n = 0; n < total; n += 20)
            await append(upTo(20).map((i) => countedEvent(topic, { key: `k${(n + i) % 7}`, n: n + i })));
          await eventually(() => deaths === 5, { within: 120_000 });
        } finally {
          for (const child of processes) child.kill('SIGKILL');
        }
        await consume(group, { topics: [topic], ordering: 'key' });
        await eventually(async () => (await bed.effects(group)).length >= total, WITHIN);
        const effects = await bed.effects(group);
        expect(effects).toHaveLength(total);
        expect(new Set(effects.map(({ event_id }) => event_id)).size).toBe(total);
        for (const key of upTo(7)) {
          const ofKey = effects.filter((effect) => effect.key === `k${key}`).map(({ n }) => n);
          expect(ofKey).toEqual(sorted(ofKey));
        }
      },
      200_000,
    );

    it('include the event of a transaction that commits after later ones', async () => {
      const { backbone, bed, name, numbers } = bench();
      const group = name();
      const event = (n: number) => ({ contract: { ...counted, topic: `orion.${group}` }, data: { counterId: 'c', n } });
      const service = backbone(group);
      service.consume({ group, topics: [`orion.${group}`], ordering: 'key', handle: recordEffects(group) });
      await service.start();
      const late = bed.dataSource.createQueryRunner();
      await late.startTransaction();
      await publish(late.manager, [event(0)]);
      await bed.dataSource.transaction((manager) => publish(manager, [event(1), event(2)]));
      await eventually(async () => (await numbers(group)).length === 2, WITHIN);
      await late.commitTransaction();
      await late.release();
      await eventually(async () => (await numbers(group)).length >= 3, WITHIN);
      expect(await numbers(group)).toEqual([1, 2, 0]);
    });

    it('are not doubled and no handler runs any more when a consumer stops under load', async () => {
      const { append, bed, consume, name, numbers } = bench();
      const group = name();
      const topic = `orion.${group}`;
      let calls = 0;
      const handle = recordEffects(group, () => void (calls += 1));
      const first = await consume(group, { batchSize: 10, handle });
      let sent = 0;
      const sendMore = async () => {
        await append(upTo(20).map((n) => countedEvent(topic, { key: `k${n % 5}`, n: sent + n })));
        sent += 20;
      };
      await sendMore();
      await eventually(async () => (await numbers(group)).length > 0, WITHIN);
      const sending = upTo(10).reduce((before) => before.then(sendMore), Promise.resolve());
      await first.stop();
      const atStop = calls;
      expect((await bed.effects(group)).length).toBe(atStop);
      await sending;
      expect(calls).toBe(atStop);
      await consume(group, { handle });
      await eventually(async () => (await numbers(group)).length >= sent, WITHIN);
      expect(sorted(await numbers(group))).toEqual(upTo(sent));
      // Nothing was tried twice: the first one finished what it had in its hands.
      expect(calls).toBe(sent);
    });
  });

  describe('a consumer', () => {
    it('passes over other types without a trace', async () => {
      const { append, bed, consume, name, numbers, parked } = bench();
      const group = name();
      const topic = `orion.${group}`;
      await consume(group, { types: ['test.*', '**.failed'] });
      const events = [
        countedEvent(topic, { n: 0 }),
        countedEvent(topic, { n: 1, type: 'dev.orion.nobody.knows.v1' }),
        countedEvent(topic, { n: 2, type: 'foreign', data: null }),
        countedEvent(topic, { n: 3 }),
      ];
      await append(events);
      await eventually(async () => (await numbers(group)).length === 2, WITHIN);
      expect(await numbers(group)).toEqual([0, 3]);
      expect(await parked(group, 'retry')).toEqual([]);
      const seen: { readonly event_id: string }[] = await bed.dataSource.query(
        'SELECT event_id FROM inbox WHERE grp = $1 ORDER BY seen_at, event_id',
        [group],
      );
      expect(seen.map(({ event_id }) => event_id)).toEqual([events[0]?.id, events[3]?.id]);
    });

    it('begins where it is told to when the log has never seen its group', async () => {
      const { append, consume, name, numbers } = bench();
      const group = name();
      await append([countedEvent(`orion.${group}`, { n: 0 })]);
      await consume(group, { startAt: 'end' });
      await append([countedEvent(`orion.${group}`, { n: 1 })]);
      await eventually(async () => (await numbers(group)).length > 0, WITHIN);
      expect(await numbers(group)).toEqual([1]);
    });

    it('hands a whole batch to a handler that takes one, and finds the event that it fails on', async () => {
      const { append, consume, name, numbers, parked, bed } = bench();
      const group = name();
      const topic = `orion.${group}`;
      const batches: number[] = [];
      const single = recordEffects(group, (n) => {
        if (n === 7) throw new Error('seven');
      });
      const batch = async (events: readonly EventEnvelope[], manager: typeof bed.dataSource.manager) => {
        batches.push(events.length);
        for (const event of events) await single(event, manager);
      };
      await append(upTo(10).map((n) => countedEvent(topic, { n })));
      const handle = Object.assign(single.bind(undefined), { contracts: single.contracts ?? [], batch });
      await consume(group, { handle, retry: NEVER_AGAIN });
      await eventually(async () => (await numbers(group)).length === 9, WITHIN);
      expect(batches.length).toBeGreaterThan(0);
      expect((await parked(group, 'retry')).map(({ envelope }) => envelope.data)).toEqual([{ counterId: 'k', n: 7 }]);
      batches.length = 0;
      await append(upTo(50).map((n) => countedEvent(topic, { n: 100 + n })));
      await eventually(async () => (await numbers(group)).length >= 59, WITHIN);
      expect(batches.reduce((sum, size) => sum + size, 0)).toBe(50);
      expect(Math.max(...batches)).toBeGreaterThan(1);
    });
  });
}
