import {
  auditRecorded,
  userDeleted,
  userReactivated,
  userSuspended,
  userUpdated,
} from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, testViewer } from '@orion/platform/testing';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';

let people: PersonFixture;
let admin: string;
beforeAll(async () => {
  people = await startPeople();
  admin = await people.register('Admin', ['ADMIN']);
});
afterAll(() => people?.stop());

const PERMISSIONS = ['user:suspend:any', 'user:delete:any', 'user:write:any', 'user:read:any'];
const as = (userId: string, seconds = 0) =>
  testViewer({ userId, permissions: PERMISSIONS, authenticatedAt: Math.floor(Date.now() / 1_000) - seconds });

async function change(what: 'suspendUser' | 'reactivateUser', userId: string, viewer = as(admin), reason?: string) {
  const { data, errors } = await people.running.query(
    `mutation ($userId: ID!, $reason: String) { result: ${what}(input: { userId: $userId, reason: $reason }) {
       user { id status } userErrors { code path } } }`,
    { viewer, variables: { userId, reason: reason ?? null } },
  );
  return errors.length > 0 ? errors[0]?.extensions : data.result;
}

const remove = async (userId: string, viewer = as(admin)) => {
  const { data, errors } = await people.running.query(
    'mutation ($userId: ID!) { deleteUser(input: { userId: $userId }) { deletedUserId userErrors { code } } }',
    { viewer, variables: { userId } },
  );
  return errors.length > 0 ? errors[0]?.extensions : data.deleteUser;
};

const published = async (type: string, userId: string) =>
  (await people.bus.published(type)).filter(({ key }) => key === userId);

const audited = (action: string, userId: string) =>
  eventually(async () =>
    (await people.bus.published(auditRecorded.type)).find(({ data }) => {
      const { action: done, targets } = data as { action: string; targets: { id: string }[] };
      return done === action && targets[0]?.id === userId;
    }),
  );

test('somebody is suspended once and reactivated once, each announced and put on record with the reason', async () => {
  const userId = await people.register('Nuisance');
  const results = await Promise.all([1, 2, 3].map(() => change('suspendUser', userId, as(admin), 'spam')));
  for (const result of results) expect(result).toEqual({ user: { id: userId, status: 'SUSPENDED' }, userErrors: [] });
  expect(await audited('user.suspended', userId)).toMatchObject({
    data: { actorId: admin, reason: 'spam', outcome: 'success' },
  });
  await eventually(async () => (await published(userSuspended.type, userId)).length > 0);
  expect(await change('reactivateUser', userId)).toMatchObject({ user: { status: 'ACTIVE' } });
  await eventually(async () => (await published(userReactivated.type, userId)).length === 1);
  expect(await published(userSuspended.type, userId)).toHaveLength(1);
});

test('ID-81: nobody touches those who stand as high as they do, themselves, or the last administrator', async () => {
  const moderator = await people.register('Moderator', ['MODERATOR']);
  const other = await people.register('Other', ['MODERATOR']);
  const refused = { user: null, userErrors: [{ code: 'USER_NOT_BELOW_YOU', path: ['input', 'userId'] }] };
  for (const target of [other, admin, moderator])
    expect(await change('suspendUser', target, as(moderator))).toEqual(refused);
  expect(await change('suspendUser', admin)).toEqual(refused);
  expect((await remove(admin)).userErrors).toEqual([{ code: 'USER_NOT_BELOW_YOU' }]);
  // The token says more than the database: a moderator deletes nobody.
  expect(await remove(await people.register('Member'), as(moderator))).toMatchObject({ code: 'FORBIDDEN' });
  expect(await change('suspendUser', uuidv7())).toMatchObject({ userErrors: [{ code: 'USER_NOT_FOUND' }] });
  expect(await change('suspendUser', 'no uuid')).toMatchObject({ userErrors: [{ code: 'USER_NOT_FOUND' }] });
  expect(await change('suspendUser', other, as(admin), 'x'.repeat(501))).toMatchObject({
    userErrors: [{ code: 'REASON_INVALID' }],
  });
});

test('ID-48: all of it takes a fresh proof of who asks', async () => {
  const userId = await people.register('Member');
  for (const result of [
    await change('suspendUser', userId, as(admin, 700)),
    await change('reactivateUser', userId, as(admin, 700)),
    await remove(userId, as(admin, 700)),
  ])
    expect(result).toMatchObject({ code: 'STEP_UP_REQUIRED' });
});

test('ID-88: somebody who is deleted is found nowhere, and leaves an id', async () => {
  const userId = await people.register('Vanishing Person');
  const viewer = testViewer({ userId });
  await people.running.query(
    'mutation { updateProfile(input: { username: "vanishing", bio: "I was here" }) { user { id } } updatePreferences(input: { namespace: "a", data: {} }) { userErrors { code } } }',
    { viewer },
  );
  expect(await remove(userId)).toEqual({ deletedUserId: userId, userErrors: [] });
  await eventually(async () => (await published(userDeleted.type, userId)).length === 1);
  const { data } = await people.running.query(
    `query ($id: ID!, $ref: [_Any!]!) { me { id } user(id: $id) { id } byName: user(username: "vanishing") { id }
       searchUsers(query: "vanishing") { nodes { id } } _entities(representations: $ref) { ... on User { id } } }`,
    { viewer, variables: { id: userId, ref: [{ __typename: 'User', id: userId }] } },
  );
  expect(data).toEqual({ me: null, user: null, byName: null, searchUsers: { nodes: [] }, _entities: [null] });
  const listed = await people.running.query('{ users(filter: { search: "vanishing" }) { nodes { id } } }', {
    viewer: testViewer({ permissions: ['user:list:any', 'user:read-pii:any'] }),
  });
  expect(listed.data.users.nodes).toEqual([]);
  const rows = await people.bus.sql<Record<string, unknown>>('SELECT * FROM users WHERE id = $1', [userId]);
  expect(rows[0]).toMatchObject({ username: null, email: null, bio: null, search_words: [], status: 'DELETED' });
  expect(JSON.stringify(rows)).not.toMatch(/vanishing|i was here/i);
  for (const table of ['user_preferences', 'activity', 'avatars', 'user_roles'])
    expect(await people.bus.sql(`SELECT 1 FROM ${table} WHERE user_id = $1`, [userId])).toEqual([]);
  expect(await audited('user.deleted', userId)).toMatchObject({ data: { actorId: admin } });
  // Once: to delete nobody is refused.
  expect(await remove(userId)).toMatchObject({ userErrors: [{ code: 'USER_NOT_FOUND' }] });
});

test('an administrator changes the profile of somebody below, with the same rules and a reason', async () => {
  const userId = await people.register('Rude Name');
  const ask = async (input: object, viewer = as(admin)) => {
    const { data, errors } = await people.running.query(
      `mutation ($input: AdminUpdateUserInput!) { adminUpdateUser(input: $input) {
         user { displayName profileVersion } userErrors { code path } } }`,
      { viewer, variables: { input } },
    );
    return errors.length > 0 ? errors[0]?.extensions : data.adminUpdateUser;
  };
  expect(await ask({ userId, displayName: 'Nice Name', reason: 'complaint' })).toEqual({
    user: { displayName: 'Nice Name', profileVersion: 2 },
    userErrors: [],
  });
  expect(await audited('profile.updated_by_administrator', userId)).toMatchObject({
    data: { actorId: admin, reason: 'complaint', details: { fields: ['displayName'] } },
  });
  expect(await published(userUpdated.type, userId)).toHaveLength(1);
  // ID-21: the same rules as for one's own.
  expect(await ask({ userId, displayName: 'bidi\u202e' })).toMatchObject({
    userErrors: [{ code: 'DISPLAY_NAME_INVALID' }],
  });
  const moderator = await people.register('Moderator', ['MODERATOR']);
  expect(await ask({ userId, displayName: 'X' }, as(moderator))).toMatchObject({ code: 'FORBIDDEN' });
  expect(await ask({ userId: uuidv7(), displayName: 'X' })).toMatchObject({ userErrors: [{ code: 'USER_NOT_FOUND' }] });
});

test('status is for those who may see the state of accounts', async () => {
  const userId = await people.register('Somebody');
  const ask = (viewer: ReturnType<typeof testViewer>) =>
    people.running.query('query ($id: ID!) { user(id: $id) { status } }', { viewer, variables: { id: userId } });
  expect((await ask(testViewer({ userId }))).errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  expect((await ask(as(admin))).data.user).toEqual({ status: 'ACTIVE' });
});

test('ID-81: of two who suspend each other at once, at least one stays, in every round', async () => {
  for (let round = 0; round < 50; round += 1) {
    const [one, other] = [await people.register('One', ['ADMIN']), await people.register('Other', ['ADMIN'])];
    // They are the only two.
    await people.bus.sql(`UPDATE users SET status = 'SUSPENDED' WHERE id NOT IN ($1, $2)`, [one, other]);
    await Promise.all([change('suspendUser', other, as(one)), change('suspendUser', one, as(other))]);
    const active = await people.bus.sql(`SELECT 1 FROM users WHERE status = 'ACTIVE'`);
    expect(active).toHaveLength(1);
  }
  await people.bus.sql(`UPDATE users SET status = 'ACTIVE' WHERE status = 'SUSPENDED'`);
}, 120_000);
