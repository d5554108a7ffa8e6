import { allEventContracts, auditRecorded, eventDeadLettered } from '../../event-contracts/index.js';
import { eventually } from '../../testing/eventually.js';
import { on, route } from '../consuming/route.js';
import { defineEvent } from '../contracts/contract.js';
import type { EventEnvelope } from '../envelope.js';
import { QUICK, WITHIN } from './backbone-test-bench.js';
import type { BackboneTestBench } from './backbone-test-bench.js';
import { counted, countedEvent, recordEffects } from './event-test-bed.js';

const known = [...allEventContracts, counted];
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** What cannot be processed harms nobody else, and is announced when it is dead. */
export function describeFailures(bench: () => BackboneTestBench): void {
  describe('failures', () => {
    it('of one event do not touch the others, and end in a dead letter with notice and audit record', async () => {
      const { append, backbone, name, numbers, parked, watch } = bench();
      const group = name();
      const said = await watch(['orion.dlq', 'orion.audit']);
      const service = backbone(group);
      service.consume({
        group,
        topics: [`orion.${group}`],
        ordering: 'none',
        handle: recordEffects(group, (n) => {
          if (n === 3) throw new Error('poison \0');
        }),
      });
      await service.start();
      const events = upTo(10).map((n) => countedEvent(`orion.${group}`, { n }));
      await append(events);
      const poison = events[3];
      const ofPoison = (type: string) =>
        said.filter((event) => event.type === type && event.causationId === poison?.id);
      await eventually(
        () => ofPoison(auditRecorded.type).length > 0 && ofPoison(eventDeadLettered.type).length > 0,
        WITHIN,
      );
      expect(await numbers(group)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
      const [dead] = await parked(group, 'dead');
      expect(dead).toMatchObject({ attempt: 3, error: 'Error: poison ', envelope: poison });
      expect(ofPoison(eventDeadLettered.type)).toEqual([
        expect.objectContaining({
          topic: 'orion.dlq',
          correlationId: 'correlation-3',
          data: {
            service: group,
            group,
            eventId: poison?.id,
            eventType: counted.type,
            error: 'Error: poison ',
            attempts: 3,
            diedAt: dead?.changedAt.toISOString(),
            event: poison,
          },
        }),
      ]);
      expect(ofPoison(auditRecorded.type)).toEqual([
        expect.objectContaining({
          topic: 'orion.audit',
          data: expect.objectContaining({
            action: 'event.dead_lettered',
            actorType: 'system',
            targets: [{ type: 'event', id: poison?.id }],
            details: { group, eventType: counted.type, attempts: 3 },
          }) as unknown,
        }),
      ]);
    });

    it('of those who listen to dead letters and audit records do not announce themselves for ever', async () => {
      const { append, backbone, name, parked, publish, watch } = bench();
      const group = name();
      const topics = ['orion.dlq', 'orion.audit', `orion.${group}`];
      // The broker is shared: others have dead letters, too.
      const isMine = ({ topic, data }: EventEnvelope) =>
        topic === `orion.${group}` || JSON.stringify(data).includes(`"group":"${group}"`);
      const said = await watch(topics);
      const fail = (event: EventEnvelope) => (isMine(event) ? Promise.reject(new Error('cannot')) : Promise.resolve());
      const service = backbone(group);
      service.consume({ group, topics, ordering: 'none', startAt: 'end', handle: fail, contracts: known });
      await service.start();
      const event = (n: number) => countedEvent(`orion.${group}`, { n });
      await append([event(0)]);
      // The event: a notice and an audit record. The audit record: a notice. The notices: nothing.
      await eventually(async () => (await parked(group, 'dead')).length === 4, WITHIN);
      // What is published now comes after whatever was published before.
      const [last] = await publish([
        { contract: { ...counted, topic: `orion.${group}` }, data: { counterId: 'last', n: 1 } },
      ]);
      await eventually(() => said.some(({ id }) => id === last?.id), WITHIN);
      const announcements = said.filter((other) => other.topic !== `orion.${group}` && isMine(other));
      expect(
        announcements
          .filter(({ causationId }) => causationId !== last?.id)
          .map(({ type }) => type)
          .toSorted(),
      ).toEqual([auditRecorded.type, eventDeadLettered.type, eventDeadLettered.type]);
    });

    it('to know a version wait for a process that does, and older versions are upcast', async () => {
      const { append, consume, name, numbers, parked } = bench();
      const group = name();
      const topic = `orion.${group}`;
      const v2 = defineEvent({
        type: 'dev.orion.test.counted.v2',
        owner: 'user',
        description: 'Something was counted.',
        schema: counted.schema,
        key: counted.key,
        upcastFrom: { contract: counted, upcast: (data) => ({ ...data, n: data.n + 1_000 }) },
      });
      const old = await consume(group, { ordering: 'none', retry: { ...QUICK, maxAttempts: 1 } });
      await append([countedEvent(topic, { n: 0 }), countedEvent(topic, { n: 1, type: v2.type })]);
      await eventually(
        async () => (await numbers(group)).length === 1 && (await parked(group, 'retry')).length === 1,
        WITHIN,
      );
      // One attempt is all it has, and yet it is not dead.
      expect(await parked(group, 'retry')).toEqual([expect.objectContaining({ attempt: 0, state: 'retry' })]);
      await old.stop();
      const seen: number[] = [];
      await consume(group, {
        contracts: [v2],
        handle: route([
          on(v2, ({ data: { n } }) => {
            seen.push(n);
            return Promise.resolve();
          }),
        ]),
      });
      await append([countedEvent(topic, { n: 2 }), countedEvent(topic, { n: 3, type: v2.type })]);
      await eventually(() => seen.length === 3, WITHIN);
      expect(seen.toSorted((a, b) => a - b)).toEqual([1, 3, 1_002]);
    });
  });
}
