import {
  auditRecorded,
  deadLetterDiscardRequested,
  deadLetterEditRequested,
  deadLetterRedriveRequested,
  deadLetterSettled,
  eventDeadLettered,
} from '../../event-contracts/index.js';
import { uuidv7 } from '../../ids/index.js';
import { eventually } from '../../testing/eventually.js';
import type { EventEnvelope } from '../envelope.js';
import { readEvent } from '../read-event.js';
import { WITHIN } from './backbone-test-bench.js';
import type { BackboneTestBench } from './backbone-test-bench.js';
import { countedEvent, recordEffects } from './event-test-bed.js';

/** A service with dead events: `accepts` decides which `n` its group can process. */
async function serviceWithDead(
  { append, backbone, name, parked, watch }: BackboneTestBench,
  count: number,
  accepts: (n: number) => boolean,
) {
  const group = name();
  const said = await watch(['orion.dlq', 'orion.audit']);
  const service = backbone(group);
  const topic = `orion.${group}`;
  service.consume({
    group,
    topics: [topic],
    ordering: 'none',
    handle: recordEffects(group, (n) => {
      if (!accepts(n)) throw new Error('not accepted');
    }),
  });
  await service.start();
  const events = Array.from({ length: count }, (_, n) => countedEvent(topic, { n }));
  await append(events);
  await eventually(async () => (await parked(group, 'dead')).length === count, WITHIN);
  const settlements = () =>
    said.flatMap((event) => {
      const data = readEvent(deadLetterSettled, event);
      return data?.group === group ? [{ ...data, causationId: event.causationId }] : [];
    });
  const audits = (command: EventEnvelope | undefined) =>
    said.flatMap((event) => {
      const data = readEvent(auditRecorded, event);
      return data !== null && event.causationId === command?.id ? [data] : [];
    });
  const deaths = () => said.filter((event) => readEvent(eventDeadLettered, event)?.group === group);
  const ids = events.map(({ id }) => id);
  return { group, said, ids, first: ids[0] ?? '', settlements, audits, deaths };
}

/** Operators act on dead letters over the bus, and are answered over the bus. */
export function describeOperations(bench: () => BackboneTestBench): void {
  describe('operations over the bus', () => {
    it('drive dead events again and tell what became of them', async () => {
      let isRepaired = false;
      const { audits, deaths, group, ids, settlements } = await serviceWithDead(
        bench(),
        2,
        (n) => isRepaired && n === 0,
      );
      isRepaired = true;
      const [command] = await bench().publish([
        deadLetterRedriveRequested.of({ group, eventIds: [...ids, uuidv7(), 'no id'], requestedById: 'operator' }),
      ]);
      await eventually(() => settlements().some(({ outcome }) => outcome === 'processed'), WITHIN);
      await eventually(() => deaths().length === 3, WITHIN);
      expect(await bench().numbers(group)).toEqual([0]);
      const outcomes = settlements().map(({ eventId, outcome }) => [ids.indexOf(eventId), outcome]);
      expect(outcomes).toHaveLength(5);
      expect(outcomes).toEqual(
        expect.arrayContaining([
          [0, 'redriven'],
          [1, 'redriven'],
          [-1, 'gone'],
          [-1, 'gone'],
          [0, 'processed'],
        ]),
      );
      for (const settlement of settlements())
        expect(settlement).toMatchObject({ causationId: command?.id, requestedById: 'operator', service: group });
      // The other one died once more, after all its attempts.
      const notices = deaths().flatMap((event) => readEvent(eventDeadLettered, event) ?? []);
      expect(notices.filter(({ eventId }) => eventId === ids[1]).map(({ attempts }) => attempts)).toEqual([3, 3]);
      expect(audits(command)).toEqual([
        expect.objectContaining({
          action: 'dead_letter.redriven',
          actorType: 'user',
          actorId: 'operator',
          outcome: 'success',
          details: { group, outcomes: { redriven: 2, gone: 2 } },
        }),
      ]);
    });

    it('change nothing when they come again, and tell what is the case', async () => {
      let isRepaired = false;
      const { first, group, settlements } = await serviceWithDead(bench(), 1, () => isRepaired);
      isRepaired = true;
      const request = deadLetterRedriveRequested.of({ group, eventIds: [first], requestedById: null });
      const [command] = await bench().publish([request]);
      await eventually(() => settlements().some(({ outcome }) => outcome === 'processed'), WITHIN);
      if (command !== undefined) await bench().append([command, command]);
      const [second] = await bench().publish([request]);
      await eventually(() => settlements().some(({ causationId }) => causationId === second?.id), WITHIN);
      expect(settlements().map(({ outcome, causationId }) => [outcome, causationId])).toEqual([
        ['redriven', command?.id],
        ['processed', command?.id],
        ['processed', second?.id],
      ]);
      expect(await bench().numbers(group)).toEqual([0]);
    });

    it('edit dead events, which the contract must allow, and drive them again', async () => {
      const { audits, first, group, settlements } = await serviceWithDead(bench(), 1, (n) => n >= 10);
      const edit = (data: unknown, redrive: boolean, eventId = first) =>
        deadLetterEditRequested.of({ group, eventId, data, redrive, requestedById: 'operator' });
      const commands = await bench().publish([
        edit({ counterId: 'k', n: 'ten' }, true),
        edit({ counterId: 'k', n: 10 }, false),
        edit({ counterId: 'k', n: 11 }, true),
        edit({ counterId: 'k', n: 12 }, true, uuidv7()),
      ]);
      await eventually(() => settlements().length === 5, WITHIN);
      const answers = (index: number) =>
        settlements().flatMap(({ causationId, outcome, reason }) =>
          causationId === commands[index]?.id ? [[outcome, reason]] : [],
        );
      expect(answers(0)).toEqual([['refused', expect.stringMatching(/counted\.v1: n: /)]]);
      expect(answers(1)).toEqual([['edited', null]]);
      expect(answers(2)).toEqual([
        ['redriven', null],
        ['processed', null],
      ]);
      expect(answers(3)).toEqual([['gone', null]]);
      expect(await bench().numbers(group)).toEqual([11]);
      await eventually(() => audits(commands[3]).length === 1, WITHIN);
      expect(commands.map((command) => audits(command).map(({ action, outcome }) => `${action} ${outcome}`))).toEqual([
        ['dead_letter.edited failure'],
        ['dead_letter.edited success'],
        ['dead_letter.edited success'],
        ['dead_letter.edited failure'],
      ]);
      // It has taken effect: there is nothing left to edit.
      const [late] = await bench().publish([edit({ counterId: 'k', n: 13 }, true)]);
      await eventually(() => settlements().some(({ causationId }) => causationId === late?.id), WITHIN);
      expect(settlements().at(-1)).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/only a dead/) });
    });

    it('discard dead events for good, with a reason', async () => {
      let isRepaired = false;
      const { audits, first, group, settlements } = await serviceWithDead(bench(), 1, () => isRepaired);
      isRepaired = true;
      const [command, redrive] = await bench().publish([
        deadLetterDiscardRequested.of({ group, eventIds: [first], reason: 'test data', requestedById: 'operator' }),
        deadLetterRedriveRequested.of({ group, eventIds: [first], requestedById: 'operator' }),
      ]);
      await eventually(() => settlements().length === 2 && audits(redrive).length === 1, WITHIN);
      expect(settlements().map(({ outcome, reason }) => [outcome, reason])).toEqual([
        ['discarded', 'test data'],
        ['discarded', 'test data'],
      ]);
      expect(audits(command)).toEqual([
        expect.objectContaining({ action: 'dead_letter.discarded', reason: 'test data', actorId: 'operator' }),
      ]);
      expect(await bench().numbers(group)).toEqual([]);
      expect(await bench().parked(group, 'done')).toHaveLength(1);
    });

    it('leave the groups of other services alone', async () => {
      const { first, group, said, settlements } = await serviceWithDead(bench(), 1, () => false);
      const [foreign] = await bench().publish([
        deadLetterRedriveRequested.of({ group: `not-${group}`, eventIds: [first], requestedById: null }),
        deadLetterDiscardRequested.of({ group, eventIds: [first], reason: 'marks the end', requestedById: null }),
      ]);
      await eventually(() => settlements().length > 0, WITHIN);
      expect(settlements().map(({ outcome }) => outcome)).toEqual(['discarded']);
      expect(said.filter(({ causationId }) => causationId === foreign?.id)).toEqual([]);
    });
  });
}
