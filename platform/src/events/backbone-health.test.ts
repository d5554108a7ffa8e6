import { createBackboneHealth } from './backbone-health.js';
import type { RegisteredGroup } from './registered-group.js';
import { openEventTestBed, recordEffects, silent } from './testing/event-test-bed.js';
import type { EventTestBed } from './testing/event-test-bed.js';

let bed: EventTestBed;
beforeAll(async () => {
  bed = await openEventTestBed();
});
afterAll(() => bed.close());

function groupBusySince(busySince: Date | null): RegisteredGroup {
  return {
    options: {
      dataSource: bed.dataSource,
      group: 'g',
      topics: [],
      ordering: 'none',
      handle: recordEffects('g'),
      logger: silent,
    },
    consumer: { busySince: () => busySince, retryNow: () => undefined, stop: () => Promise.resolve() },
  };
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);

test('health tells of groups that are at one batch for long, and of nothing else', async () => {
  const since = ago(90);
  const groups = new Map([
    ['idle', groupBusySince(null)],
    ['busy', groupBusySince(ago(5))],
    ['stuck', groupBusySince(since)],
    ['not-begun', { ...groupBusySince(null), consumer: undefined }],
  ]);
  const health = createBackboneHealth({ dataSource: bed.dataSource, groups });
  expect(await health()).toEqual({ stuckGroups: [{ group: 'stuck', since }], unpublishedSince: null });
});

test('health tells since when nothing leaves the outbox', async () => {
  const health = createBackboneHealth({ dataSource: bed.dataSource, groups: new Map() });
  const insert = (age: string) =>
    bed.dataSource.query(
      `INSERT INTO outbox (id, envelope, created_at) VALUES (gen_random_uuid(), '{}', now() - $1::interval) RETURNING created_at`,
      [age],
    ) as Promise<readonly { readonly created_at: Date }[]>;
  await insert('30 seconds');
  expect((await health()).unpublishedSince).toBeNull();
  const [old] = await insert('2 minutes');
  expect((await health()).unpublishedSince).toEqual(old?.created_at);
});
