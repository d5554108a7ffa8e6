import { userCreated, userRegistered, userUpdated } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { eventually, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';

let running: TestSubgraph;
let bus: TestBus;

beforeAll(async () => {
  running = await startTestSubgraph(subgraph);
  bus = await openTestBus(running, { group: 'user' });
});

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

const registration = (userId: string, displayName = 'Ada Lovelace') =>
  userRegistered.of({ userId, email: `${userId}@orion.test`, displayName, locale: 'en', verificationToken: null });

async function register(displayName?: string): Promise<string> {
  const userId = uuidv7();
  await bus.taken(await bus.deliver(registration(userId, displayName)));
  return userId;
}

const ME =
  '{ me { id displayName username email bio locale timezone profileVersion createdAt roles { role { name } } } }';
const UPDATE = `mutation ($input: UpdateProfileInput!) {
  updateProfile(input: $input) { user { displayName username bio locale timezone profileVersion } userErrors { code path } } }`;

describe('a registration', () => {
  it('makes one profile and announces it once, however often the event is delivered', async () => {
    const userId = uuidv7();
    const event = await bus.deliver(registration(userId));
    await bus.taken(event);
    await bus.redeliver(event);
    await bus.taken(await bus.deliver(registration(userId, 'Somebody else')));
    const { data, errors } = await running.query(ME, { viewer: testViewer({ userId }) });
    expect(errors).toEqual([]);
    expect(data.me).toMatchObject({
      displayName: 'Ada Lovelace',
      email: `${userId}@orion.test`,
      locale: 'en',
      createdAt: event.time,
    });
    expect(data.me.roles).toEqual([{ role: { name: 'MEMBER' } }]);
    const announced = await eventually(async () => {
      const all = (await bus.published(userCreated.type)).filter(({ key }) => key === userId);
      return all.length > 0 && all;
    });
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({
      causationId: event.id,
      data: { userId, displayName: 'Ada Lovelace', locale: 'en' },
    });
  });

  it('that has not been heard of yet does not keep its owner from a profile, which it completes later', async () => {
    const userId = uuidv7();
    const viewer = testViewer({ userId });
    const before = await running.query(ME, { viewer });
    expect(before.errors).toEqual([]);
    expect(before.data.me).toMatchObject({
      id: userId,
      displayName: 'New user',
      email: null,
      roles: [{ role: { name: 'MEMBER' } }],
    });
    await running.query(UPDATE, {
      viewer,
      variables: { input: { username: `early.${userId.slice(-12)}`, locale: 'fr' } },
    });
    await bus.taken(await bus.deliver(registration(userId, 'Grace Hopper')));
    const { data } = await running.query(ME, { viewer });
    expect(data.me).toMatchObject({
      displayName: 'Grace Hopper',
      email: `${userId}@orion.test`,
      locale: 'fr',
      username: `early.${userId.slice(-12)}`,
    });
    const found = await running.query(`{ searchUsers(query: "hopp") { nodes { id } } }`, { viewer });
    expect(found.data.searchUsers.nodes).toEqual([{ id: userId }]);
    expect(
      await eventually(async () => (await bus.published(userCreated.type)).some(({ key }) => key === userId)),
    ).toBe(true);
  });

  it('leaves alone the name that its owner has chosen meanwhile', async () => {
    const userId = uuidv7();
    const viewer = testViewer({ userId });
    await running.query(UPDATE, { viewer, variables: { input: { displayName: 'Chosen' } } });
    await bus.taken(await bus.deliver(registration(userId, 'Registered')));
    const { data } = await running.query(ME, { viewer });
    expect(data.me).toMatchObject({ displayName: 'Chosen', email: `${userId}@orion.test` });
  });

  it('is met by many first queries at once with one profile', async () => {
    const viewer = testViewer();
    const answers = await Promise.all(Array.from({ length: 16 }, () => running.query(ME, { viewer })));
    expect(answers.every(({ data, errors }) => errors.length === 0 && data.me.id === viewer.userId)).toBe(true);
    expect(await bus.sql('SELECT 1 FROM user_roles WHERE user_id = $1', [viewer.userId])).toHaveLength(1);
  });
});

describe('a reference', () => {
  const ENTITIES =
    'query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User { id displayName email } } }';
  const reference = (id: string) => ({ __typename: 'User', id });

  it('resolves to null for nobody and makes a profile for nobody but the viewer', async () => {
    const viewer = testViewer();
    const stranger = uuidv7();
    const { data, errors } = await running.query(ENTITIES, {
      viewer,
      variables: { ids: [stranger, 'no-uuid', viewer.userId].map(reference) },
    });
    expect(errors).toEqual([]);
    expect(data._entities).toEqual([null, null, { id: viewer.userId, displayName: 'New user', email: null }]);
    expect(await bus.sql('SELECT 1 FROM users WHERE id = $1', [stranger])).toEqual([]);
  });

  it("refuses another's address without a loss to its neighbours", async () => {
    const [one, other] = [await register('One'), await register('Other')];
    const { data, errors } = await running.query(ENTITIES, {
      viewer: testViewer({ userId: one }),
      variables: { ids: [one, other].map(reference) },
    });
    expect(data._entities).toEqual([
      { id: one, displayName: 'One', email: `${one}@orion.test` },
      { id: other, displayName: 'Other', email: null },
    ]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      path: ['_entities', 1, 'email'],
      extensions: { code: 'FORBIDDEN', permission: 'user:read-pii:any' },
    });
  });

  it('shows nothing but the id to those who are not signed in', async () => {
    const userId = await register();
    const { data, errors } = await running.query(ENTITIES, { variables: { ids: [reference(userId)] } });
    expect(data._entities).toEqual([{ id: userId, displayName: null, email: null }]);
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it('costs as many statements for 100 users as for 10', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 100; n += 1) ids.push(uuidv7());
    const events = await Promise.all(ids.map((id) => bus.deliver(registration(id))));
    await Promise.all(events.map((event) => bus.taken(event)));
    const viewer = testViewer({ permissions: ['user:read-pii:any', 'role:read:any', 'permission:read:any'] });
    const all = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on User {
      id displayName email roles { role { name permissions { key } } grantedBy { displayName } } effectivePermissions { key } } } }`;
    const ask = (count: number) =>
      running.query(all, { viewer, variables: { ids: ids.slice(0, count).map(reference) } });
    const [ten, hundred] = [await ask(10), await ask(100)];
    expect(hundred.errors).toEqual([]);
    expect(hundred.data._entities.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(hundred.statements).toBe(ten.statements);
    expect(hundred.statements).toBeLessThanOrEqual(6);
  });
});

describe('updateProfile', () => {
  const update = (userId: string, input: object) =>
    running.query(UPDATE, { viewer: testViewer({ userId }), variables: { input } });

  it('changes what was sent, keeps the rest, and announces it', async () => {
    const userId = await register('Before');
    const username = `U.${userId.slice(-12)}`;
    const { data } = await update(userId, {
      displayName: '  After  ',
      username,
      bio: 'Hi\nthere',
      locale: 'de-ch',
      timezone: 'Europe/Zurich',
    });
    expect(data.updateProfile).toEqual({
      user: {
        displayName: 'After',
        username,
        bio: 'Hi\nthere',
        locale: 'de-CH',
        timezone: 'Europe/Zurich',
        profileVersion: 2,
      },
      userErrors: [],
    });
    const cleared = await update(userId, { bio: '', timezone: null });
    expect(cleared.data.updateProfile.user).toMatchObject({
      displayName: 'After',
      bio: null,
      timezone: null,
      profileVersion: 3,
    });
    const announced = await eventually(async () => {
      const all = (await bus.published(userUpdated.type)).filter(({ key }) => key === userId);
      return all.length === 2 && all;
    });
    expect(announced[0]).toMatchObject({ actorId: userId, data: { displayName: 'After', locale: 'de-CH' } });
  });

  it('names every fault and then changes nothing', async () => {
    const userId = await register('Same');
    const { data } = await update(userId, {
      displayName: '\u200b',
      username: '-x',
      bio: 'x'.repeat(501),
      locale: 'e',
      timezone: '+01:00',
    });
    expect(data.updateProfile.user).toBeNull();
    expect(data.updateProfile.userErrors).toEqual([
      { code: 'DISPLAY_NAME_INVALID', path: ['input', 'displayName'] },
      { code: 'USERNAME_INVALID', path: ['input', 'username'] },
      { code: 'BIO_INVALID', path: ['input', 'bio'] },
      { code: 'LOCALE_INVALID', path: ['input', 'locale'] },
      { code: 'TIMEZONE_INVALID', path: ['input', 'timezone'] },
    ]);
    expect((await running.query(ME, { viewer: testViewer({ userId }) })).data.me).toMatchObject({
      displayName: 'Same',
      profileVersion: 1,
    });
  });

  it('gives a user name, whatever its case, to one of those who want it at once', async () => {
    const userIds = await Promise.all(Array.from({ length: 6 }, () => register()));
    const answers = await Promise.all(
      userIds.map((userId, n) => update(userId, { username: n % 2 === 0 ? 'Wanted.name' : 'wanted.NAME' })),
    );
    const codes = answers.flatMap(({ data }) =>
      data.updateProfile.userErrors.map(({ code }: { code: string }) => code),
    );
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'USERNAME_TAKEN'));
  });

  it('ID-20 ID-21: takes no user name that only looks like another one', async () => {
    const userId = await register();
    for (const username of [
      '\u212aate',
      'mi\u017fter',
      '\uff41lice',
      '\u0430dmin',
      'zero\u200bwidth',
      'a b c',
      'a\nb',
      'ab.',
    ])
      expect([username, (await update(userId, { username })).data.updateProfile.userErrors]).toEqual([
        username,
        [{ code: 'USERNAME_INVALID', path: ['input', 'username'] }],
      ]);
  });

  it('changes only the version that the client has seen, when it says which', async () => {
    const userId = await register();
    const answers = await Promise.all(['a', 'b', 'c'].map((bio) => update(userId, { bio, profileVersion: 1 })));
    const codes = answers.flatMap(({ data }) =>
      data.updateProfile.userErrors.map(({ code }: { code: string }) => code),
    );
    expect(codes).toEqual(['PROFILE_CHANGED', 'PROFILE_CHANGED']);
  });

  it('is for those who are signed in', async () => {
    const { data, errors } = await running.query(UPDATE, { variables: { input: {} } });
    expect(data).toBeNull();
    expect(errors[0]).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  });
});
