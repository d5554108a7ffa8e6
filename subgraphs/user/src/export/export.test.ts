import {
  analyticsDataExported,
  authDataExported,
  notificationDataExported,
  userExportReady,
  userExportRequested,
} from '@orion/platform/event-contracts';
import type { DataExported } from '@orion/platform/event-contracts';
import { sealPieces } from '@orion/platform/data-export';
import { createSealer } from '@orion/platform/sealing';
import { eventually, openTestBus, runSchedule, testViewer } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';
import { NOT_EXPORTED, PERSONAL_TABLES } from './personal-tables.js';

let people: PersonFixture;
let parts: TestBus;
beforeAll(async () => {
  people = await startPeople();
  parts = await openTestBus(people.running, { group: 'user.exports' });
});
afterAll(async () => {
  await parts?.stop();
  await people?.stop();
});

const viewerOf = (userId: string, seconds = 0) =>
  testViewer({ userId, authenticatedAt: Math.floor(Date.now() / 1_000) - seconds });

async function request(userId: string) {
  const { data, errors } = await people.running.query(
    'mutation { requestDataExport { dataExport { id status } userErrors { code } } }',
    { viewer: viewerOf(userId) },
  );
  expect(errors).toEqual([]);
  return data.requestDataExport;
}

const read = (id: string, viewer: ReturnType<typeof testViewer>) =>
  people.running.query('query ($id: ID!) { dataExport(id: $id) { status readyAt expiresAt content } }', {
    viewer,
    variables: { id },
  });

async function answer(contract: DataExported, userId: string, exportId: string, data: unknown): Promise<void> {
  const sealer = createSealer(people.running.environment['ORION_SEALING_KEY'] ?? '');
  const pieces = sealPieces(sealer, data);
  for (const [index, piece] of pieces.entries()) {
    const part = { userId, exportId, service: contract.owner, index, count: pieces.length, piece };
    await parts.taken(await parts.deliver(contract.of(part)));
  }
}

test('a copy is complete when every service has told all of its pieces, and then it is for its owner alone', async () => {
  const userId = await people.register('Curious');
  await people.running.query(
    'mutation { updatePreferences(input: { namespace: "console", data: { theme: "dark" } }) { userErrors { code } } }',
    { viewer: viewerOf(userId) },
  );
  const { dataExport } = await request(userId);
  expect(dataExport.status).toBe('PENDING');
  // One at a time.
  expect((await request(userId)).dataExport.id).toBe(dataExport.id);
  await eventually(async () =>
    (await people.bus.published(userExportRequested.type)).some(
      ({ data }) => (data as { exportId: string }).exportId === dataExport.id,
    ),
  );
  const large = { sessions: [{ note: 'x'.repeat(300_000) }] };
  await answer(authDataExported, userId, dataExport.id, large);
  await answer(notificationDataExported, userId, dataExport.id, { notifications: [] });
  expect((await read(dataExport.id, viewerOf(userId))).data.dataExport).toMatchObject({
    status: 'PENDING',
    content: null,
  });
  await answer(analyticsDataExported, userId, dataExport.id, { events: [{ name: 'user.login' }] });
  await eventually(async () => (await people.bus.published(userExportReady.type)).some(({ key }) => key === userId));
  const { data, errors } = await read(dataExport.id, viewerOf(userId));
  expect(errors).toEqual([]);
  expect(data.dataExport).toMatchObject({
    status: 'READY',
    content: {
      user: {
        users: [{ display_name: 'Curious', email: `${userId}@orion.test` }],
        user_preferences: [{ namespace: 'console', data: { theme: 'dark' } }],
        user_roles: [{ role: 'MEMBER' }],
      },
      auth: large,
      notification: { notifications: [] },
      analytics: { events: [{ name: 'user.login' }] },
    },
  });
  // Nothing of it lies about in plain text.
  const rows = await people.bus.sql('SELECT * FROM data_export_parts');
  expect(JSON.stringify(rows)).not.toContain('Curious');
  expect((await read(dataExport.id, viewerOf(await people.register('Nosy')))).data.dataExport).toBeNull();
  const stale = await read(dataExport.id, viewerOf(userId, 700));
  expect(stale.data.dataExport).toMatchObject({ status: 'READY', content: null });
  expect(stale.errors[0]).toMatchObject({ extensions: { code: 'STEP_UP_REQUIRED' } });
});

test('of many who ask at once all get the same copy', async () => {
  const userId = await people.register('Impatient');
  const all = await Promise.all(Array.from({ length: 20 }, () => request(userId)));
  expect(new Set(all.map(({ dataExport }) => dataExport.id)).size).toBe(1);
  expect(await people.bus.sql('SELECT 1 FROM data_exports WHERE user_id = $1', [userId])).toHaveLength(1);
});

test('there are few in a day, and they go', async () => {
  const userId = await people.register('Eager');
  for (let n = 0; n < 5; n += 1) {
    const { dataExport } = await request(userId);
    await people.bus.sql(`UPDATE data_exports SET status = 'READY', ready_at = now() WHERE id = $1`, [dataExport.id]);
  }
  expect(await request(userId)).toEqual({ dataExport: null, userErrors: [{ code: 'TOO_MANY_EXPORTS' }] });
  await people.bus.sql(`UPDATE data_exports SET expires_at = now() - interval '1 second' WHERE user_id = $1`, [userId]);
  await runSchedule(people.running.databaseUrl, 'upkeep');
  expect(await people.bus.sql('SELECT 1 FROM data_exports WHERE user_id = $1', [userId])).toEqual([]);
});

test('ID-88: every table with an id of a person is exported or left out for a reason', async () => {
  const rows = await people.bus.sql<{ table_name: string }>(
    `SELECT DISTINCT table_name FROM information_schema.columns
      WHERE table_schema = 'public' AND column_name IN ('user_id', 'actor_id')`,
  );
  const known = new Set([...PERSONAL_TABLES.map(({ table }) => table), ...Object.keys(NOT_EXPORTED)]);
  expect(rows.map(({ table_name: name }) => name).filter((name) => !known.has(name))).toEqual([]);
  for (const { columns } of PERSONAL_TABLES) expect(columns.join(' ')).not.toMatch(/hash|sealed|secret/);
});
