import { permissionsChanged } from '@orion/platform/event-contracts';
import { eventually, testViewer } from '@orion/platform/testing';
import { startPeople } from '../testing/person-fixture.js';
import type { PersonFixture } from '../testing/person-fixture.js';

let people: PersonFixture;
let adminId: string;
beforeAll(async () => {
  people = await startPeople();
  adminId = await people.register('Admin', ['ADMIN']);
});
afterAll(() => people.stop());

const admin = () =>
  testViewer({ userId: adminId, permissions: ['policy:write:any', 'policy:read:any', 'permission:explain:any'] });
const EVERY_REQUEST = { ip: { in: ['0.0.0.0/0', '::/0'] } };
const NO_REQUEST = { ip: { in: ['192.0.2.1'] } };

async function ask(
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
  viewer = admin(),
  // oxlint-disable-next-line typescript/no-explicit-any
): Promise<any> {
  const { data, errors } = await people.running.query(document, { viewer, variables });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

let count = 0;
async function create(changes: Readonly<Record<string, unknown>>, viewer = admin()) {
  const input = {
    name: `Policy ${(count += 1)}`,
    effect: 'ALLOW',
    permission: 'audit:read:any',
    roleId: await roleId('SUPPORT'),
    condition: EVERY_REQUEST,
    ...changes,
  };
  const { createPolicy } = await ask(
    'mutation ($input: CreatePolicyInput!) { createPolicy(input: $input) { policy { id name } userErrors { code path message } } }',
    { input },
    viewer,
  );
  return createPolicy as {
    readonly policy: { readonly id: string; readonly name: string } | null;
    readonly userErrors: readonly {
      readonly code: string;
      readonly path: readonly string[];
      readonly message: string;
    }[];
  };
}

async function roleId(name: string): Promise<string> {
  const [role] = await people.bus.sql<{ id: string }>('SELECT id FROM roles WHERE name = $1', [name]);
  return role?.id ?? '';
}

async function remove(policyId: string | undefined): Promise<void> {
  const { deletePolicy } = await ask(
    'mutation ($input: DeletePolicyInput!) { deletePolicy(input: $input) { deletedPolicyId userErrors { code } } }',
    { input: { policyId } },
  );
  expect(deletePolicy).toEqual({ deletedPolicyId: policyId, userErrors: [] });
}

async function can(userId: string, permission = 'audit:read:any'): Promise<string> {
  const { can: decision } = await ask(
    'query ($permission: String!) { can(permission: $permission) { allowed reason } }',
    { permission },
    testViewer({ userId }),
  );
  return `${decision.allowed} ${decision.reason}`;
}

test('a policy gives a permission to holders of a role, by inheritance as well, while its condition holds', async () => {
  const moderator = await people.register('Mo', ['MODERATOR']);
  const support = await people.register('Su', ['SUPPORT']);
  const member = await people.register('Me');
  const { policy } = await create({ permission: 'event:replay:any' });
  const here = () => Promise.all([moderator, support, member].map((id) => can(id, 'event:replay:any')));
  expect(await here()).toEqual(['true GRANTED_BY_POLICY', 'true GRANTED_BY_POLICY', 'false NOT_GRANTED']);
  const update = (changes: object) =>
    ask('mutation ($input: UpdatePolicyInput!) { updatePolicy(input: $input) { userErrors { code } } }', {
      input: { policyId: policy?.id, ...changes },
    });
  await update({ condition: NO_REQUEST });
  expect(await here()).toEqual(['false CONDITION_NOT_MET', 'false CONDITION_NOT_MET', 'false NOT_GRANTED']);
  await update({ condition: EVERY_REQUEST, enabled: false });
  expect(await here()).toEqual(['false NOT_GRANTED', 'false NOT_GRANTED', 'false NOT_GRANTED']);
  await update({ enabled: true });
  expect(await here()).toEqual(['true GRANTED_BY_POLICY', 'true GRANTED_BY_POLICY', 'false NOT_GRANTED']);
  const { me } = await ask(
    '{ me { effectivePermissions { key source conditional } } }',
    {},
    testViewer({ userId: support }),
  );
  expect(me.effectivePermissions).toContainEqual({ key: 'event:replay:any', source: 'POLICY', conditional: true });
  await remove(policy?.id);
  expect(await here()).toEqual(['false NOT_GRANTED', 'false NOT_GRANTED', 'false NOT_GRANTED']);
});

test('ID-82: a policy that denies beats every grant and every policy that gives; a direct denial beats both', async () => {
  const userId = await people.register('Pat', ['SUPPORT']);
  const giving = await create({ permission: 'user:list:any' });
  const taking = await create({ permission: 'user:list:any', effect: 'DENY' });
  expect(await can(userId, 'user:list:any')).toBe('false DENIED_BY_POLICY');
  await remove(taking.policy?.id);
  expect(await can(userId, 'user:list:any')).toBe('true GRANTED');
  await people.bus.sql(
    `INSERT INTO user_permissions (user_id, permission, effect) VALUES ($1, 'user:list:any', 'DENY')`,
    [userId],
  );
  await people.bus.sql('UPDATE permission_versions SET version = version + 1 WHERE user_id = $1', [userId]);
  expect(await can(userId, 'user:list:any')).toBe('false DENIED');
  await remove(giving.policy?.id);
});

test('ID-82: a condition that cannot be judged opens nothing: what gives does not, what denies does', async () => {
  const userId = await people.register('Que', ['SUPPORT']);
  const giving = await create({ permission: 'event:replay:any' });
  const taking = await create({ permission: 'user:list:any', effect: 'DENY', condition: NO_REQUEST });
  expect([await can(userId, 'event:replay:any'), await can(userId, 'user:list:any')]).toEqual([
    'true GRANTED_BY_POLICY',
    'true GRANTED',
  ]);
  await people.bus.sql(`UPDATE policies SET condition = '{"moon": "full"}'`);
  await people.bus.sql('UPDATE permission_versions SET version = version + 1');
  expect([await can(userId, 'event:replay:any'), await can(userId, 'user:list:any')]).toEqual([
    'false CONDITION_NOT_MET',
    'false DENIED_BY_POLICY',
  ]);
  const { explainAccess } = await ask(
    `{ explainAccess(userId: "${userId}", permission: "user:list:any") { allowed steps { kind outcome condition policy { name } } } }`,
  );
  expect(explainAccess.allowed).toBe(false);
  expect(explainAccess.steps).toContainEqual({
    kind: 'POLICY',
    outcome: 'DENIES',
    condition: 'UNKNOWN',
    policy: { name: taking.policy?.name },
  });
  await remove(giving.policy?.id);
  await remove(taking.policy?.id);
});

test('a change is announced to whom it concerns, with the rule to decide by', async () => {
  const userId = await people.register('Ray', ['SUPPORT']);
  const announced = async () =>
    (await people.bus.published(permissionsChanged.type))
      .filter(({ key }) => key === userId)
      .map(({ data }) => (data as { rules?: object[] }).rules ?? []);
  const before = (await announced()).length;
  const expiresAt = new Date((Math.floor(Date.now() / 1_000) + 3_600) * 1_000);
  const { policy } = await create({ expiresAt });
  const [rules] = await eventually(async () => {
    const news = (await announced()).slice(before);
    return news.length === 1 && news;
  });
  expect(rules).toEqual([
    {
      id: policy?.id,
      effect: 'allow',
      permission: 'audit:read:any',
      condition: EVERY_REQUEST,
      expiresAt: expiresAt.getTime() / 1_000,
    },
  ]);
  await remove(policy?.id);
  const all = await eventually(async () => {
    const news = (await announced()).slice(before);
    return news.length === 2 && news;
  });
  expect(all[1]).toEqual([]);
});

test('a policy for everybody concerns those who register later as well', async () => {
  const { policy } = await create({ roleId: null, permission: 'analytics:read:any' });
  const userId = await people.register('Sam');
  expect(await can(userId, 'analytics:read:any')).toBe('true GRANTED_BY_POLICY');
  await remove(policy?.id);
});

test.each([
  [{ moon: 'full' }, []],
  ['always', []],
  [{ all: [] }, ['all']],
  [{ all: [EVERY_REQUEST, { ip: { in: ['300.1.1.1'] } }] }, ['all', '1', 'ip', 'in', '0']],
  [{ not: { time: { from: '25:00', to: '10:00', timezone: 'Europe/Berlin' } } }, ['not', 'time', 'from']],
  [{ time: { from: '08:00', to: '10:00', timezone: 'Moon/Base' } }, ['time', 'timezone']],
  [{ not: { not: { not: { not: { not: EVERY_REQUEST } } } } }, []],
])('the condition %j is refused with the place where it is wrong', async (condition, path) => {
  const { policy, userErrors } = await create({ condition });
  expect(policy).toBeNull();
  expect(userErrors).toMatchObject([{ code: 'CONDITION_INVALID', path: ['input', 'condition', ...path] }]);
});

test('policies are refused that nobody may make', async () => {
  const code = async (changes: Readonly<Record<string, unknown>>, viewer = admin()) =>
    (await create(changes, viewer)).userErrors[0]?.code ?? null;
  const { policy } = await create({ name: 'Taken' });
  expect(await code({ name: 'Taken' })).toBe('POLICY_NAME_TAKEN');
  expect(await code({ name: ' ' })).toBe('POLICY_NAME_INVALID');
  expect(await code({ permission: 'moon:visit:any' })).toBe('PERMISSION_NOT_FOUND');
  expect(await code({ permission: 'session:read:own' })).toBe('PERMISSION_IMPLICIT');
  expect(await code({ roleId: 'nothing' })).toBe('ROLE_NOT_FOUND');
  expect(await code({ expiresAt: new Date(0) })).toBe('EXPIRY_INVALID');
  for (const role of [null, await roleId('ADMIN')])
    expect(await code({ roleId: role, effect: 'DENY', permission: 'role:write:any' })).toBe('POLICY_LOCKS_OUT');
  await people.bus.sql(
    `WITH made AS (INSERT INTO roles (id, name, level, description) VALUES (gen_random_uuid(), 'LEGISLATOR', 40, 'x') RETURNING id),
          closed AS (INSERT INTO role_closure SELECT id, id, 0 FROM made)
     INSERT INTO role_permissions SELECT id, 'policy:write:any' FROM made`,
  );
  const legislator = testViewer({
    userId: await people.register('Leo', ['LEGISLATOR']),
    permissions: ['policy:write:any'],
  });
  expect(await code({}, legislator)).toBe('PERMISSION_NOT_HELD');
  expect(await code({ permission: 'policy:write:any', roleId: null }, legislator)).toBe('POLICY_FOR_EVERYBODY');
  const moderator = await roleId('MODERATOR');
  expect(await code({ permission: 'policy:write:any', roleId: moderator }, legislator)).toBe('ROLE_LEVEL_TOO_HIGH');
  await remove(policy?.id);
});

test('policies are listed for those who may see them', async () => {
  const { policy } = await create({ name: 'Office hours' });
  const { policies } = await ask(
    '{ policies { nodes { id name effect permission role { name } enabled condition } } }',
  );
  expect(policies.nodes).toContainEqual({
    id: policy?.id,
    name: 'Office hours',
    effect: 'ALLOW',
    permission: 'audit:read:any',
    role: { name: 'SUPPORT' },
    enabled: true,
    condition: EVERY_REQUEST,
  });
  const { data } = await people.running.query('{ policies { nodes { id } } }', { viewer: testViewer() });
  expect(data).toEqual({ policies: null });
  await remove(policy?.id);
});
