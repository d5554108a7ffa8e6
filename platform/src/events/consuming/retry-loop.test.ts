import { createLogger } from '../../log/index.js';
import { eventually } from '../../testing/eventually.js';
import { countedEvent, openEventTestBed, recordEffects, silent } from '../testing/event-test-bed.js';
import type { EventTestBed } from '../testing/event-test-bed.js';
import { createProcessing } from './consumer.js';
import { createParkingWatch } from './parking-watch.js';
import { INBOX_KEEP_DAYS, pruneConsumers } from './prune-consumers.js';
import { retryDueEvents } from './retry-parked.js';

let bed: EventTestBed;
beforeAll(async () => {
  bed = await openEventTestBed();
});
afterAll(() => bed.close());

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

async function park(group: string, events: readonly ReturnType<typeof countedEvent>[], state = 'retry'): Promise<void> {
  await bed.dataSource.query(
    `INSERT INTO parked_events (grp, event_id, type, key, attempt, next_at, envelope, state)
     SELECT $1, (e ->> 'id')::uuid, e ->> 'type', e ->> 'key', 1, now() - interval '1 s', e, $3
     FROM json_array_elements($2::json) AS e`,
    [group, JSON.stringify(events), state],
  );
}

const processingOf = (group: string, before?: (n: number) => void, logger = silent) =>
  createProcessing({
    dataSource: bed.dataSource,
    group,
    ordering: 'key',
    handle: recordEffects(group, before),
    logger,
    retry: { baseMs: 60_000, capMs: 60_000 },
  });

describe('retries', () => {
  it('keep each key in order while two processes share the work and one event fails', async () => {
    const group = 'shared';
    await park(
      group,
      upTo(300).map((n) => countedEvent('orion.t', { key: `k${n % 7}`, n })),
    );
    const fail = (n: number) => {
      if (n === 150) throw new Error('not this one');
    };
    await Promise.all(upTo(3).map(() => retryDueEvents(processingOf(group, fail), () => true)));
    // Claims pass each other by; what is left is due to nobody now.
    await eventually(async () => !(await retryDueEvents(processingOf(group, fail), () => true)));
    const effects = await bed.effects(group);
    const held = upTo(300).filter((n) => n >= 150 && n % 7 === 150 % 7);
    expect(effects).toHaveLength(300 - held.length);
    for (const key of upTo(7)) {
      const ofKey = effects.filter((effect) => effect.key === `k${key}`).map(({ n }) => n);
      expect(ofKey).toEqual(upTo(300).filter((n) => n % 7 === key && !held.includes(n)));
    }
  });

  it('take many in a transaction also while some of them fail', async () => {
    const group = 'mixed';
    await park(
      group,
      upTo(1_000).map((n) => countedEvent('orion.t', { key: `k${n % 50}`, n })),
    );
    const failing = (n: number) => n % 97 === 0;
    const processing = processingOf(group, (n) => {
      if (failing(n)) throw new Error('not this one');
    });
    let turns = 0;
    await retryDueEvents(processing, () => (turns += 1) > 0);
    // 1, 2, 4 ... 64, and then 100 at a time: 16, and one that finds nothing.
    expect(turns).toBeLessThanOrEqual(20);
    const waitsBehind = (n: number) => upTo(n + 1).some((before) => before % 50 === n % 50 && failing(before));
    const effects = await bed.effects(group);
    expect(effects.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(upTo(1_000).filter((n) => !waitsBehind(n)));
    const tried: unknown = await bed.dataSource.query(
      `SELECT count(*)::int AS count, min(attempt) AS least, max(attempt) AS most FROM parked_events
       WHERE grp = $1 AND state = 'retry' AND next_at > now()`,
      [group],
    );
    // Each failed once more; one behind another that fails, of the same key, has not been tried.
    expect(tried).toEqual([
      { count: upTo(1_000).filter((n) => failing(n) && !waitsBehind(n - 50)).length, least: 2, most: 2 },
    ]);
  });

  it('stop between two transactions when they are told to', async () => {
    const group = 'told';
    await park(
      group,
      upTo(50).map((n) => countedEvent('orion.t', { n })),
    );
    let turns = 3;
    expect(await retryDueEvents(processingOf(group), () => (turns -= 1) >= 0)).toBe(true);
    // One, two and four.
    expect(await bed.effects(group)).toHaveLength(7);
  });

  it('warn once when very much waits', async () => {
    const group = 'crowded';
    const lines: { readonly waiting: number }[] = [];
    const logger = createLogger('test', {
      destination: { write: (line) => void lines.push(JSON.parse(line) as { readonly waiting: number }) },
    });
    await park(
      group,
      upTo(1_200).map((n) => countedEvent('orion.t', { key: n < 1_000 ? 'poison' : `k${n}`, n })),
    );
    const watch = createParkingWatch(processingOf(group, undefined, logger));
    await watch.look();
    await watch.look();
    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', group, waiting: 1_200, longest: 1_000, key: 'poison' }),
    ]);
  });
});

describe('pruning', () => {
  it('forgets what is old and settled, of every group, and keeps the dead', async () => {
    const old = `now() - interval '${INBOX_KEEP_DAYS + 1} days'`;
    await park(
      'gone',
      upTo(3).map((n) => countedEvent('orion.t', { n })),
      'done',
    );
    await park('gone', [countedEvent('orion.t', { n: 3 })], 'dead');
    await bed.dataSource.query(`UPDATE parked_events SET changed_at = ${old} WHERE grp = 'gone'`);
    await bed.dataSource.query(
      `INSERT INTO inbox (grp, event_id, seen_at) SELECT 'gone', gen_random_uuid(), ${old} FROM generate_series(1, 12000)`,
    );
    await bed.dataSource.query(`INSERT INTO inbox (grp, event_id) VALUES ('gone', gen_random_uuid())`);
    await pruneConsumers(bed.dataSource, () => true);
    const [left]: { inbox: number; parked: number }[] = await bed.dataSource.query(
      `SELECT (SELECT count(*)::int FROM inbox WHERE grp = 'gone') AS inbox,
         (SELECT count(*)::int FROM parked_events WHERE grp = 'gone') AS parked`,
    );
    expect(left).toEqual({ inbox: 1, parked: 1 });
  });
});
