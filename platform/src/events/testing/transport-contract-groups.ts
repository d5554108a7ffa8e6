import { randomUUID } from 'node:crypto';
import { eventually } from '../../testing/eventually.js';
import type { EventTransport } from '../transport/transport.js';
import { PATIENCE, series } from './transport-contract-bed.js';
import type { ContractBed } from './transport-contract-bed.js';
import type { Member, ToldEvent } from './transport-member.js';

const KEYS = Array.from({ length: 12 }, (_, index) => `key-${index}`);
const BATCH = 24;
/** Five processes start and stop, and members are waited for. */
const TIMEOUT_MS = 4 * PATIENCE.within;
/** Processes start, join, and one of them is given up. */
const LONG = { within: 3 * PATIENCE.within };
/** So many events wait for the members, and not more: how fast they are depends on the machine. */
const WAITING = 10 * BATCH;

/** Groups whose members are processes. */
export function describeGroups({ open, newTopic, append, startMember, traits }: ContractBed): void {
  /** What the members of one group have told of, and by whom. */
  function ledger() {
    const firsts: ToldEvent[] = [];
    const seen = new Set<string>();
    const counts = new Map<Member, number>();
    return {
      take(batch: readonly ToldEvent[], member: Member): boolean {
        for (const event of batch) if (!seen.has(event.id)) firsts.push(event);
        batch.forEach(({ id }) => seen.add(id));
        counts.set(member, (counts.get(member) ?? 0) + batch.length);
        return true;
      },
      countOf: (member: Member) => counts.get(member) ?? 0,
      size: () => firsts.length,
      numbers: () => firsts.map(({ n }) => n).toSorted((a, b) => a - b),
      /** Keys whose events came first in another order than they were appended in. */
      disordered: () =>
        KEYS.filter((key) => {
          const numbers = firsts.filter((event) => event.key === key).map(({ n }) => n);
          return numbers.some((n, index) => n < (numbers[index - 1] ?? -1));
        }),
    };
  }

  /** Appends until it is told to stop, with always some that wait to be read; resolves with how many there were. */
  function load(transport: EventTransport, { topic, read }: { readonly topic: string; readonly read: () => number }) {
    let stopped = false;
    let count = 0;
    const run = async () => {
      while (!stopped) {
        await append(transport, series(topic, KEYS, BATCH, count));
        count += BATCH;
        await eventually(() => stopped || count - read() < WAITING, LONG);
      }
      return count;
    };
    const running = run();
    // Of a test that has failed nobody asks any more.
    running.catch(() => undefined);
    return () => {
      stopped = true;
      return running;
    };
  }

  describe('a group of several processes', () => {
    it(
      'loses nothing and keeps the order of each key while members join and leave under load',
      async () => {
        const [topic, group, transport] = [newTopic(), randomUUID(), open()];
        const told = ledger();
        const start = () => startMember({ group, topics: [topic], batchSize: 20, onBatch: told.take });
        const stopLoad = load(transport, { topic, read: told.size });
        const first = start();
        await eventually(() => told.countOf(first) > 0, PATIENCE);
        const second = start();
        // Where one reads for all, the second has to wait until the first one goes.
        if (transport.kind === 'kafka') await eventually(() => told.countOf(second) > 0, PATIENCE);
        await first.stop();
        const left = told.countOf(first);
        await eventually(() => told.countOf(second) > 0, PATIENCE);
        const third = start();
        if (transport.kind === 'kafka') await eventually(() => told.countOf(third) > 0, PATIENCE);
        await second.stop();
        await eventually(() => told.countOf(third) > 0, PATIENCE);
        const count = await stopLoad();
        await eventually(() => told.size() === count, PATIENCE);
        expect(told.numbers()).toEqual(Array.from({ length: count }, (_, n) => n));
        expect(told.disordered()).toEqual([]);
        expect(told.countOf(first)).toBe(left);
        await third.stop();
        expect((await transport.lag(group, [topic])).events).toBe(0);
      },
      TIMEOUT_MS,
    );

    it(
      `delivers what a killed member had in its hands to another one within ${traits.takeOverMs} ms`,
      async () => {
        const [topic, group, transport] = [newTopic(), randomUUID(), open()];
        const told = ledger();
        let victim: Member | undefined;
        let killedAt = 0;
        let tookMs: number | undefined;
        const inHand = new Set<string>();
        const onBatch = (batch: readonly ToldEvent[], member: Member): boolean => {
          if (victim === undefined && told.countOf(member) > 0) {
            victim = member;
            killedAt = Date.now();
            batch.forEach(({ id }) => inHand.add(id));
            void member.kill();
          }
          if (member === victim) return false;
          if (batch.some(({ id }) => inHand.has(id))) tookMs ??= Date.now() - killedAt;
          return told.take(batch, member);
        };
        const members = [1, 2].map(() => startMember({ group, topics: [topic], batchSize: 20, onBatch }));
        const stopLoad = load(transport, { topic, read: told.size });
        await eventually(() => tookMs !== undefined, LONG);
        const count = await stopLoad();
        await eventually(() => told.size() === count, PATIENCE);
        expect(tookMs).toBeLessThan(traits.takeOverMs);
        expect(told.numbers()).toEqual(Array.from({ length: count }, (_, n) => n));
        expect(told.disordered()).toEqual([]);
        await Promise.all(members.map((member) => member.stop()));
      },
      TIMEOUT_MS,
    );
  });
}
