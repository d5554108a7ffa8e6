import { userDeleted, userDeletionRequested } from '@orion/platform/event-contracts';
import { eventually, testViewer } from '@orion/platform/testing';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';

let people: PersonFixture;
beforeAll(async () => {
  people = await startPeople();
});
afterAll(() => people?.stop());

const mutate = async (userId: string, mutation: string, seconds = 0) => {
  const viewer = testViewer({ userId, authenticatedAt: Math.floor(Date.now() / 1_000) - seconds });
  const { data, errors } = await people.running.query(`mutation { result: ${mutation} }`, { viewer });
  return errors.length > 0 ? errors[0]?.extensions : data.result;
};
const request = (userId: string, seconds = 0) =>
  mutate(userId, 'requestAccountDeletion { dueAt userErrors { code } }', seconds);
const cancel = (userId: string) => mutate(userId, 'cancelAccountDeletion { cancelled userErrors { code } }');

const isDeleted = async (userId: string) => {
  const [row] = await people.bus.sql<{ status: string }>('SELECT status FROM users WHERE id = $1', [userId]);
  return row?.status === 'DELETED';
};

/** Lets the time of a request, and of the job that waits for it, come. */
async function letTimePass(userId: string): Promise<void> {
  await people.bus.sql(`UPDATE account_deletions SET due_at = now() - interval '1 second' WHERE user_id = $1`, [
    userId,
  ]);
  await people.bus.sql(`UPDATE jobs SET run_at = now() WHERE name = 'account.delete' AND key = $1`, [userId]);
  await people.bus.sql(`SELECT pg_notify('orion_jobs', '')`);
}

test('ID-88: an account is deleted when its time has come, once, and not before', async () => {
  const userId = await people.register('Leaving');
  const asked = await request(userId);
  const days = (new Date(asked.dueAt).getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.9);
  expect(days).toBeLessThan(7.1);
  // To ask once more changes nothing, and is told once.
  expect(await request(userId)).toEqual(asked);
  const told = await eventually(async () => {
    const events = await people.bus.published(userDeletionRequested.type);
    return events.some(({ key }) => key === userId) && events;
  });
  expect(told.filter(({ key }) => key === userId)).toMatchObject([{ data: { userId, dueAt: asked.dueAt } }]);
  const { data } = await people.running.query('{ me { deletionDueAt } }', { viewer: testViewer({ userId }) });
  expect(data.me.deletionDueAt).toBe(asked.dueAt);
  expect(await isDeleted(userId)).toBe(false);
  await letTimePass(userId);
  await eventually(() => isDeleted(userId));
  await eventually(
    async () => (await people.bus.published(userDeleted.type)).filter(({ key }) => key === userId).length === 1,
  );
  expect(await people.bus.sql('SELECT 1 FROM account_deletions WHERE user_id = $1', [userId])).toEqual([]);
});

test('who changes their mind stays, and may change it again', async () => {
  const userId = await people.register('Undecided');
  expect(await cancel(userId)).toEqual({ cancelled: false, userErrors: [{ code: 'DELETION_NOT_REQUESTED' }] });
  await request(userId);
  const cancels = await Promise.all([cancel(userId), cancel(userId), cancel(userId)]);
  expect(cancels.filter(({ cancelled }) => cancelled)).toHaveLength(1);
  // The job of the first request finds that it is not wanted.
  await people.bus.sql(`UPDATE jobs SET run_at = now() WHERE name = 'account.delete' AND key = $1`, [userId]);
  await people.bus.sql(`SELECT pg_notify('orion_jobs', '')`);
  await eventually(
    async () =>
      (await people.bus.sql(`SELECT 1 FROM jobs WHERE name = 'account.delete' AND key = $1`, [userId])).length === 0,
  );
  expect(await isDeleted(userId)).toBe(false);
  await request(userId);
  await letTimePass(userId);
  await eventually(() => isDeleted(userId));
});

test('many requests at once are one', async () => {
  const userId = await people.register('Impatient');
  const all = await Promise.all(Array.from({ length: 20 }, () => request(userId)));
  expect(new Set(all.map(({ dueAt }) => dueAt)).size).toBe(1);
  expect(await people.bus.sql(`SELECT 1 FROM jobs WHERE name = 'account.delete' AND key = $1`, [userId])).toHaveLength(
    1,
  );
});

test('of many who cancel one request at once, one does, in every round', async () => {
  const userId = await people.register('Of two minds');
  for (let round = 0; round < 50; round += 1) {
    await request(userId);
    const cancels = await Promise.all(Array.from({ length: 20 }, () => cancel(userId)));
    expect(cancels.filter(({ cancelled }) => cancelled)).toHaveLength(1);
  }
  expect(await isDeleted(userId)).toBe(false);
}, 60_000);

test('ID-48: it takes a fresh proof; the last administrator stays', async () => {
  const userId = await people.register('Old session');
  expect(await request(userId, 700)).toMatchObject({ code: 'STEP_UP_REQUIRED' });
  const admin = await people.register('Only one', ['ADMIN']);
  expect(await request(admin)).toEqual({ dueAt: null, userErrors: [{ code: 'LAST_ADMIN' }] });
});

test('without days of grace it happens at once', async () => {
  await people.running.restart({ ACCOUNT_DELETION_DAYS: '0' });
  const userId = await people.register('Quick');
  await request(userId);
  expect(await isDeleted(userId)).toBe(true);
  await people.running.restart({ ACCOUNT_DELETION_DAYS: '7' });
});
