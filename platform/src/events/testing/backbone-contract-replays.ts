import { eventsReplayed, eventsReplayRequested } from '../../event-contracts/index.js';
import { uuidv7 } from '../../ids/index.js';
import { eventually } from '../../testing/eventually.js';
import type { EventHandler } from '../consuming/route.js';
import { WITHIN } from './backbone-test-bench.js';
import type { BackboneTestBench } from './backbone-test-bench.js';
import { countedEvent, openDataSource, openTransport, recordEffects } from './event-test-bed.js';

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const sorted = (numbers: readonly number[]) => numbers.toSorted((left, right) => left - right);
const DAY_MS = 86_400_000;

/** A service whose group has taken all but the first `missing` of `total` events: it began too late. */
async function serviceWithGap(
  bench: BackboneTestBench,
  { missing, total, handle }: { readonly missing: number; readonly total: number; readonly handle?: EventHandler },
) {
  const { append, backbone, name, numbers } = bench;
  const group = name();
  const topic = `orion.${group}`;
  const event = (n: number) => countedEvent(topic, { key: `k${n % 3}`, n });
  await append(upTo(missing).map(event));
  // The log's clock is the one of this machine; it has to move on, to tell the two parts of the log apart.
  const before = Date.now();
  await eventually(() => Date.now() > before + 50);
  const middle = new Date();
  const service = backbone(group);
  service.consume({
    group,
    topics: [topic],
    ordering: 'key',
    startAt: 'end',
    handle: handle ?? recordEffects(group),
  });
  await service.start();
  await append(upTo(total - missing).map((n) => event(missing + n)));
  await eventually(async () => (await numbers(group)).length === total - missing, WITHIN);
  return { group, topic, service, middle };
}

/** The log is read again without anything being done twice. */
export function describeReplays(bench: () => BackboneTestBench): void {
  describe('replays', () => {
    it('heal a gap and do nothing twice, from the beginning, a time or an offset', async () => {
      const { numbers } = bench();
      const { group, middle, service } = await serviceWithGap(bench(), { missing: 5, total: 20 });
      expect(await service.replay({ group, from: { time: middle } })).toMatchObject({ effects: 0, skipped: 0 });
      expect(await service.replay({ group, from: 'beginning', types: ['other.*'] })).toMatchObject({ effects: 0 });
      expect(await service.replay({ group, from: { offset: 0 } })).toMatchObject({ effects: 5, skipped: 0 });
      expect(await service.replay({ group, from: 'beginning' })).toMatchObject({ effects: 0, skipped: 0 });
      expect(sorted(await numbers(group))).toEqual(upTo(20));
    });

    it('leave out events from before the inbox remembers', async () => {
      const { append, numbers } = bench();
      const { group, topic, service } = await serviceWithGap(bench(), { missing: 2, total: 4 });
      const time = new Date(Date.now() - 30 * DAY_MS).toISOString();
      const old = countedEvent(topic, { n: 4, time });
      await append([old]);
      await eventually(async () => (await numbers(group)).length === 3, WITHIN);
      // As it will be when the inbox has been pruned.
      await bench().bed.dataSource.query('DELETE FROM inbox WHERE grp = $1 AND event_id = $2', [group, old.id]);
      expect(await service.replay({ group, from: { offset: 0 } })).toMatchObject({ effects: 2, skipped: 1 });
      expect(sorted(await numbers(group))).toEqual(upTo(5));
    });

    it('are carried out once when they are asked for over the bus, by several processes', async () => {
      const { address, bed, backbone, numbers, publish, watch } = bench();
      const { group, topic } = await serviceWithGap(bench(), { missing: 10, total: 15 });
      const said = await watch(['orion.system']);
      // Another process of the same service.
      const transport = openTransport(address, 'other');
      const dataSource = await openDataSource(bed.databaseUrl);
      const other = backbone(group, { transport, dataSource });
      other.consume({ group, topics: [topic], ordering: 'key', startAt: 'end', handle: recordEffects(group) });
      await other.start();
      const replayId = uuidv7();
      const request = eventsReplayRequested.of({ replayId, group, from: 'beginning', requestedById: 'operator' });
      await publish([request, request]);
      const answers = () => said.filter(({ type, key }) => type === eventsReplayed.type && key === group);
      await eventually(() => answers().length > 0, WITHIN);
      expect(sorted(await numbers(group))).toEqual(upTo(15));
      // Asked for once more when it is done; the next one comes after it.
      await publish([request]);
      const last = uuidv7();
      const types = ['test.*'];
      await publish([
        eventsReplayRequested.of({ replayId: last, group, from: { offset: 0 }, types, requestedById: null }),
      ]);
      await eventually(() => answers().some(({ data }) => (data as { replayId: string }).replayId === last), WITHIN);
      expect(answers().map(({ data }) => data)).toEqual([
        expect.objectContaining({ replayId, group, service: group, events: 10, skipped: 0, error: null }),
        expect.objectContaining({ replayId: last, events: 0 }),
      ]);
      expect(sorted(await numbers(group))).toEqual(upTo(15));
      await other.stop();
      await transport.close();
      await dataSource.destroy();
    });

    it('go on in another process when theirs is gone, without doubling an effect', async () => {
      const { bed, numbers, publish, watch } = bench();
      const { group } = await serviceWithGap(bench(), { missing: 10, total: 15 });
      const said = await watch(['orion.system']);
      const replayId = uuidv7();
      // A process took it, healed three, and died: its lease has run out.
      await bed.dataSource.query(
        `INSERT INTO event_replays (id, grp, request, cause, state, owner, lease_until, effects)
         VALUES ($1, $2, '{"from":"beginning","requestedById":null}', $3, 'running', $4, now() - interval '1 s', 3)`,
        [replayId, group, JSON.stringify({ correlationId: 'c', causationId: 'c', actorId: null }), uuidv7()],
      );
      // Anything on the topic wakes the service; without it, it looks within seconds.
      await publish([eventsReplayRequested.of({ replayId, group, from: 'beginning', requestedById: null })]);
      await eventually(() => said.some(({ type, key }) => type === eventsReplayed.type && key === group), WITHIN);
      expect(said.find(({ type, key }) => type === eventsReplayed.type && key === group)?.data).toMatchObject({
        replayId,
        events: 13,
      });
      expect(sorted(await numbers(group))).toEqual(upTo(15));
    });

    it('rebuild a projection in a shadow group, past what it cannot process, also when begun again', async () => {
      const { numbers } = bench();
      const { group, service } = await serviceWithGap(bench(), { missing: 2, total: 12 });
      const shadow = `${group}-shadow`;
      const aborted = new AbortController();
      const into = {
        group: shadow,
        handle: recordEffects(shadow, (n) => {
          if (n === 3) throw new Error('poison');
        }),
      };
      aborted.abort(new Error('enough'));
      await expect(service.replay({ group, from: 'beginning', into, signal: aborted.signal })).rejects.toThrow(
        'enough',
      );
      expect(await service.replay({ group, from: 'beginning', into })).toMatchObject({ effects: 12, dead: 1 });
      expect(await service.replay({ group, from: 'beginning', into })).toMatchObject({ effects: 0, dead: 1 });
      // 3 held back 6 and 9, the others of its key, until it was dead.
      expect(sorted(await numbers(shadow))).toEqual(upTo(12).filter((n) => n !== 3));
      expect(await numbers(group)).toHaveLength(10);
      await expect(service.replay({ group, from: 'beginning', into: { ...into, group } })).rejects.toThrow(
        /consumes already/,
      );
      await expect(service.replay({ group: 'nobody', from: 'beginning' })).rejects.toThrow(
        /no consumer of group nobody/,
      );
    });
  });
}
