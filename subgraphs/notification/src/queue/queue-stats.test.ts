import { uuidv7 } from '@orion/platform/ids';
import { defineJob, enqueue } from '@orion/platform/jobs';
import { eventually, testViewer } from '@orion/platform/testing';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { startNotification } from '../testing/notification-fixture.js';
import type { NotificationFixture } from '../testing/notification-fixture.js';

const operator = testViewer({ permissions: ['queue:read:any'] });
/** Nobody handles it, so it stays. */
const idle = defineJob({ name: 'test.idle', schema: z.object({ n: z.number() }) });

const STATS = `service outbox { depth oldestAt } deadLetters
  jobs { kind priority isPaused waiting running delayed dead oldestAt finishedPerMinute }
  groups { group lag lagSince retrying dead oldestParkedAt }`;

let notification: NotificationFixture;
let database: DataSource;
beforeAll(async () => {
  notification = await startNotification();
  database = await new DataSource({ type: 'postgres', url: notification.databaseUrl }).initialize();
});
afterAll(async () => {
  await database?.destroy();
  await notification?.stop();
});

async function stats() {
  const { data, errors } = await notification.query(`{ queueStats { ${STATS} } }`, { viewer: operator });
  expect(errors).toEqual([]);
  return data.queueStats;
}

const addJobs = (count: number, options: { readonly delayMs?: number; readonly priority?: 'high' } = {}) =>
  database.transaction((manager) =>
    enqueue(
      manager,
      Array.from({ length: count }, (_, n) => idle.of({ n }, options)),
    ),
  );

const ofIdle = (priority: string, { jobs }: { jobs: { kind: string; priority: string }[] }) =>
  jobs.find((one) => one.kind === 'test.idle' && one.priority === priority);

test('jobs are counted by kind and priority: what waits, what is delayed and since when', async () => {
  await addJobs(3);
  await addJobs(2, { priority: 'high' });
  await addJobs(1, { priority: 'high', delayMs: 3_600_000 });
  const found = await stats();
  const common = {
    kind: 'test.idle',
    isPaused: false,
    running: 0,
    dead: 0,
    oldestAt: expect.any(String),
    finishedPerMinute: 0,
  };
  expect(ofIdle('NORMAL', found)).toEqual({ ...common, priority: 'NORMAL', waiting: 3, delayed: 0 });
  expect(ofIdle('HIGH', found)).toEqual({ ...common, priority: 'HIGH', waiting: 2, delayed: 1 });
});

test('groups show how far behind they are and what failed', async () => {
  const { groups, outbox, service } = await stats();
  expect(service).toBe('notification');
  expect(outbox).toEqual({ depth: 0, oldestAt: null });
  expect(groups.map(({ group }: { group: string }) => group)).toEqual(
    expect.arrayContaining(['notification', 'notification.dead-letters']),
  );
  await notification.sql(
    `INSERT INTO parked_events (grp, event_id, type, key, attempt, next_at, envelope, state)
     VALUES ('notification', $1, 't', 'k', 1, now() + interval '1 hour', '{}', 'retry'), ('notification', $2, 't', 'k2', 8, now(), '{}', 'dead')`,
    [uuidv7(), uuidv7()],
  );
  const own = (await stats()).groups.find(({ group }: { group: string }) => group === 'notification');
  expect(own).toEqual({
    group: 'notification',
    lag: 0,
    lagSince: null,
    retrying: 1,
    dead: 1,
    oldestParkedAt: expect.any(String),
  });
});

test('subscribers are told when something changed, all of them from one look', async () => {
  const streams = await Promise.all(
    [1, 2].map(() => notification.subscribe(`subscription { queueStatsChanged { ${STATS} } }`, { viewer: operator })),
  );
  const waiting = async (stream: (typeof streams)[number]) =>
    ofIdle('NORMAL', (await stream.next()).queueStatsChanged) as { waiting: number } | undefined;
  const [first, second] = streams;
  if (first === undefined || second === undefined) throw new Error('no streams');
  const before = (await waiting(first))?.waiting ?? 0;
  await addJobs(5);
  await Promise.all(streams.map((stream) => eventually(async () => (await waiting(stream))?.waiting === before + 5)));
  await Promise.all(streams.map((stream) => stream.end()));
});

test('without queue:read:any nothing is told', async () => {
  for (const [viewer, code] of [
    [null, 'UNAUTHENTICATED'],
    [testViewer({ permissions: ['queue:read:own'] }), 'FORBIDDEN'],
  ] as const) {
    const { data, errors } = await notification.query('{ queueStats { service } }', { viewer });
    expect(data).toEqual({ queueStats: null });
    expect(errors[0]?.extensions['code']).toBe(code);
  }
  const stream = await notification.subscribe('subscription { queueStatsChanged { service } }', {
    viewer: testViewer(),
  });
  expect(await stream.next()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  await stream.end();
});
