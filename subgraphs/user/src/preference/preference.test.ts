import { uuidv7 } from '@orion/platform/ids';
import { auditRecorded } from '@orion/platform/event-contracts';
import { eventually, openTestBus, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestBus, TestSubgraph } from '@orion/platform/testing';
import fc from 'fast-check';
import { subgraph } from '../subgraph.js';
import { isPlainData, mergePatch } from './merge-patch.js';

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

const UPDATE = `mutation ($input: UpdatePreferencesInput!) {
  updatePreferences(input: $input) { preference { namespace data version } userErrors { code path } } }`;

async function update(userId: string, input: object) {
  const { data, errors } = await running.query(UPDATE, { viewer: testViewer({ userId }), variables: { input } });
  expect(errors).toEqual([]);
  return data.updatePreferences;
}

async function preferencesOf(userId: string, viewer = testViewer({ userId })) {
  const { data, errors } = await running.query(
    `query ($id: ID!) { user(id: $id) { preferences { namespace data } } }`,
    { viewer, variables: { id: userId } },
  );
  return { preferences: data.user?.preferences, errors };
}

test('preferences are merged, replaced and versioned, each namespace by itself', async () => {
  const userId = uuidv7();
  const first = await update(userId, {
    namespace: 'console',
    data: { theme: 'dark', list: { size: 20, dense: true } },
  });
  expect(first).toEqual({
    preference: { namespace: 'console', data: { theme: 'dark', list: { size: 20, dense: true } }, version: 1 },
    userErrors: [],
  });
  const merged = await update(userId, { namespace: 'console', data: { list: { dense: null, columns: ['a'] } } });
  expect(merged.preference).toMatchObject({ data: { theme: 'dark', list: { size: 20, columns: ['a'] } }, version: 2 });
  await update(userId, { namespace: 'mobile', data: { sound: false } });
  const replaced = await update(userId, {
    namespace: 'console',
    data: { theme: 'light' },
    mode: 'REPLACE',
    version: 2,
  });
  expect(replaced.preference).toMatchObject({ data: { theme: 'light' }, version: 3 });
  const late = await update(userId, { namespace: 'console', data: { theme: 'blue' }, version: 2 });
  expect(late).toEqual({
    preference: null,
    userErrors: [{ code: 'PREFERENCES_CHANGED', path: ['input', 'version'] }],
  });
  expect((await preferencesOf(userId)).preferences).toEqual([
    { namespace: 'console', data: { theme: 'light' } },
    { namespace: 'mobile', data: { sound: false } },
  ]);
  await eventually(async () =>
    (await bus.published(auditRecorded.type)).some(
      ({ data }) => (data as { action: string; actorId: string }).action === 'preferences.updated',
    ),
  );
});

test('changes at once are all kept', async () => {
  const userId = uuidv7();
  const keys = Array.from({ length: 20 }, (_, n) => `key${n}`);
  await Promise.all(keys.map((key) => update(userId, { namespace: 'console', data: { [key]: true } })));
  const { preferences } = await preferencesOf(userId);
  expect(Object.keys(preferences[0].data).toSorted()).toEqual(keys.toSorted());
});

test('ID-24: keys that reach a prototype are refused, in variables and in literals, and pollute nothing', async () => {
  const userId = uuidv7();
  for (const text of [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"a":[{"__proto__":{"polluted":true}}]}',
    '{"a":{"prototype":1}}',
  ]) {
    expect(await update(userId, { namespace: 'console', data: JSON.parse(text) as object })).toEqual({
      preference: null,
      userErrors: [{ code: 'PREFERENCES_INVALID', path: ['input', 'data'] }],
    });
  }
  const { data } = await running.query(
    `mutation { updatePreferences(input: { namespace: "console", data: { constructor: { polluted: true } } }) { userErrors { code } } }`,
    { viewer: testViewer({ userId }) },
  );
  expect(data.updatePreferences.userErrors).toEqual([{ code: 'PREFERENCES_INVALID' }]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(await bus.sql('SELECT 1 FROM user_preferences WHERE user_id = $1', [userId])).toEqual([]);
});

test('ID-24: no patch reaches a prototype', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
      if (!isPlainData(patch)) return;
      const merged = mergePatch(isPlainData(target) ? target : {}, patch);
      expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    }),
  );
});

test('ID-23: what cannot be stored is refused, and so is what is too large', async () => {
  const userId = uuidv7();
  const refused = { preference: null, userErrors: [{ code: 'PREFERENCES_INVALID', path: ['input', 'data'] }] };
  let deep: object = {};
  for (let n = 0; n < 40; n += 1) deep = { deep };
  for (const data of [{ text: 'x'.repeat(17_000) }, deep])
    expect(await update(userId, { namespace: 'console', data })).toEqual(refused);
  // Merging is no way around the limit.
  expect((await update(userId, { namespace: 'console', data: { a: 'x'.repeat(9_000) } })).userErrors).toEqual([]);
  expect(await update(userId, { namespace: 'console', data: { b: 'x'.repeat(9_000) } })).toEqual(refused);
  for (const namespace of ['', 'A', '../x', 'x'.repeat(65), 'a b'])
    expect((await update(userId, { namespace, data: {} })).userErrors).toEqual([
      { code: 'NAMESPACE_INVALID', path: ['input', 'namespace'] },
    ]);
});

test('ID-78: neither a profile nor preferences take what is not theirs', async () => {
  const userId = uuidv7();
  const viewer = testViewer({ userId });
  for (const field of [
    'role',
    'isAdmin',
    'emailVerified',
    'id',
    'tenantId',
    'passwordHash',
    'createdAt',
    'status',
    'email',
  ]) {
    const { errors } = await running.query(
      'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }',
      { viewer, variables: { input: { displayName: 'Somebody', [field]: 'x' } } },
    );
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  }
  await update(userId, { namespace: 'console', data: { status: 'DELETED', display_name: 'X', user_id: uuidv7() } });
  const [row] = await bus.sql('SELECT display_name, status FROM users WHERE id = $1', [userId]);
  expect(row).toEqual({ display_name: 'New user', status: 'ACTIVE' });
});

test('ID-77: others read them only with the permission', async () => {
  const userId = uuidv7();
  await update(userId, { namespace: 'console', data: { theme: 'dark' } });
  const stranger = await preferencesOf(userId, testViewer());
  expect(stranger).toMatchObject({
    preferences: null,
    errors: [{ extensions: { code: 'FORBIDDEN', permission: 'preference:read:any' } }],
  });
  const support = await preferencesOf(userId, testViewer({ permissions: ['preference:read:any'] }));
  expect(support.preferences).toHaveLength(1);
});
