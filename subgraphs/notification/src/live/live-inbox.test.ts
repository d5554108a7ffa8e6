import { openDatabase } from '@orion/platform/database';
import { uuidv7 } from '@orion/platform/ids';
import { createLogger } from '@orion/platform/log';
import { createTestDatabase } from '@orion/platform/testing';
import type { TestDatabase } from '@orion/platform/testing';
import type { DataSource } from 'typeorm';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import { migrations } from '../migrations/index.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import { createLiveInbox } from './live-inbox.js';
import type { LiveInbox } from './live-inbox.js';

let testDatabase: TestDatabase;
let database: DataSource;
let live: LiveInbox;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, entities: [], migrations, applicationName: 'test' });
});
beforeEach(() => {
  live = createLiveInbox({ manager: database.manager, logger: createLogger('test', { level: 'silent' }) });
});
afterEach(() => live.close());
afterAll(async () => {
  await database.destroy();
  await testDatabase.drop();
});

const put = async (recipientId: string, count: number): Promise<string[]> => {
  const drafts = Array.from({ length: count }, (_, index) => ({
    id: uuidv7(),
    recipientId,
    actorId: null,
    type: 'TEST',
    channel: NotificationChannel.IN_APP,
    title: String(index),
    body: '',
    data: null,
    priority: NotificationPriority.NORMAL,
    eventId: null,
  }));
  await database.transaction((manager) => putIntoInboxes(manager, drafts));
  return drafts.map(({ id }) => id);
};

test('hints that come twice, late, in a heap or not at all change neither order nor number', async () => {
  const userId = uuidv7();
  const received = live.received(userId);
  const [first = ''] = await put(userId, 1);
  live.hint(userId, first);
  expect((await received.next()).value?.rev).toBe(1);
  // More than one look can load; the hint of the first is lost, the others come backwards and twice.
  const ids = await put(userId, 250);
  for (const id of ids.slice(1).toReversed()) live.hint(userId, id);
  for (const id of [first, ...ids.slice(1)]) live.hint(userId, id);
  for (let rev = 2; rev <= 251; rev += 1) expect((await received.next()).value?.rev).toBe(rev);
  const [last = ''] = await put(userId, 1);
  live.hint(userId, last);
  expect((await received.next()).value?.rev).toBe(252);
});

test('a hint about something else does not bring up what is old', async () => {
  const userId = uuidv7();
  await put(userId, 3);
  const [received, counts] = [live.received(userId), live.counts(userId)];
  live.hint(userId, null);
  expect((await counts.next()).value).toEqual({ unseen: 3, unread: 3, total: 3, rev: 3 });
  const [id = ''] = await put(userId, 1);
  live.hint(userId, id);
  expect((await received.next()).value?.rev).toBe(4);
});

test('a notification that is gone when it is looked for does not silence those after it', async () => {
  const userId = uuidv7();
  const [received, counts] = [live.received(userId), live.counts(userId)];
  await put(userId, 1);
  live.hint(userId, uuidv7());
  await counts.next();
  const [id = ''] = await put(userId, 1);
  live.hint(userId, id);
  expect((await received.next()).value?.rev).toBe(2);
});

test('when the database does not answer, the news comes when it does', async () => {
  const userId = uuidv7();
  const received = live.received(userId);
  const [id = ''] = await put(userId, 1);
  await database.query('ALTER TABLE inboxes RENAME TO away');
  const news = received.next();
  live.hint(userId, id);
  await expect(Promise.race([news, database.query('SELECT pg_sleep(0.3)')])).resolves.toBeInstanceOf(Array);
  await database.query('ALTER TABLE away RENAME TO inboxes');
  expect((await news).value?.rev).toBe(1);
});

test('closing ends those who wait, and hints after the end are ignored', async () => {
  const userId = uuidv7();
  const waiting = live.received(userId).next();
  await live.close();
  expect((await waiting).done).toBe(true);
  live.hint(userId, uuidv7());
});

test('who stops listening is forgotten', async () => {
  const userId = uuidv7();
  const received = live.received(userId);
  await received.return();
  expect((await received.next()).done).toBe(true);
  await received.return();
  // Nobody is left to look for: the id, which is no UUID, would be an error in SQL.
  live.hint(userId, 'no uuid');
  await live.close();
});
