import { eventually } from '@orion/platform/testing';
import { startPlatform } from '@orion/tools/platform';
import type { Platform } from '@orion/tools/platform';
import { createGraphClient, newcomer, signIn } from '../graph/index.js';
import type { GraphAnswer, GraphClient, SignedIn } from '../graph/index.js';

let platform: Platform;
let admin: SignedIn;

beforeAll(async () => {
  platform = await startPlatform({ mode: 'test' });
  admin = await signIn(platform.url, { email: 'admin@orion.test', password: 'orion-demo' });
}, 60_000);
afterAll(() => platform?.stop());

const codesOf = ({ errors }: GraphAnswer) => errors.map(({ extensions }) => extensions['code']);

/** A mutation with an `input`; the payload, when it was not refused. */
async function change(
  field: string,
  input: Readonly<Record<string, unknown>>,
  { returns = '', client = admin.client }: { readonly returns?: string; readonly client?: GraphClient } = {},
) {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const { data, errors } = await client.query(
    `mutation ($input: ${type}!) { ${field}(input: $input) { ${returns} userErrors { code path } } }`,
    { input },
  );
  expect([field, errors, data?.[field].userErrors]).toEqual([field, [], []]);
  return data[field];
}

const mayList = (client: GraphClient) => async (): Promise<boolean> =>
  (await client.query('{ users(first: 1) { nodes { id } } }')).errors.length === 0;

async function roleId(name: string): Promise<string> {
  const { data } = await admin.client.query('{ roles(first: 100) { nodes { id name } } }');
  return data.roles.nodes.find((role: { name: string }) => role.name === name).id;
}

test('a role that is made, inherits, and is taken apart again acts on the next request of its holders', async () => {
  const person = await newcomer(platform.url, { name: 'Analyst' });
  const lists = mayList(person.client);
  expect(await lists()).toBe(false);
  const { role } = await change(
    'createRole',
    { name: 'ANALYST', description: 'Looks at figures.', level: 31, parentId: await roleId('SUPPORT') },
    { returns: 'role { id ancestors { name } permissions { key } }' },
  );
  expect(role.ancestors).toEqual([{ name: 'SUPPORT' }]);
  await change('assignRole', { userId: person.userId, role: 'ANALYST' });
  await eventually(lists);
  await change('grantPermissionToRole', { roleId: role.id, permission: 'audit:read:any' });
  await eventually(
    async () => (await person.client.query('{ auditLogs(first: 1) { nodes { id } } }')).errors.length === 0,
  );
  await change('setRoleParent', { roleId: role.id, parentId: null });
  await eventually(async () => !(await lists()), { every: 10 });
  await change('unassignRole', { userId: person.userId, role: 'ANALYST' });
  await change('deleteRole', { roleId: role.id });
});

test('ID-82 ID-83: a denial beats the role on the next request, and what is given for a time is over at the second', async () => {
  const person = await newcomer(platform.url, { name: 'Denied' });
  const lists = mayList(person.client);
  await change('assignRole', { userId: person.userId, role: 'SUPPORT' });
  await eventually(lists);
  const permission = 'user:list:any';
  await change('grantUserPermission', { userId: person.userId, permission, effect: 'DENY' });
  await eventually(async () => !(await lists()), { every: 10 });
  await change('revokeUserPermission', { userId: person.userId, permission, effect: 'DENY' });
  await eventually(lists);
  await change('unassignRole', { userId: person.userId, role: 'SUPPORT' });
  await eventually(async () => !(await lists()));

  const end = new Date((Math.floor(Date.now() / 1_000) + 4) * 1_000);
  await change('grantUserPermission', { userId: person.userId, permission, expiresAt: end });
  await eventually(async () => {
    const askedAt = Date.now();
    const isAllowed = await lists();
    if (isAllowed && askedAt >= end.getTime()) throw new Error(`${askedAt - end.getTime()} ms too long`);
    return !isAllowed && Date.now() >= end.getTime();
  });
  expect(await lists()).toBe(false);
});

test('ID-82: a policy gives and takes by what the request is like', async () => {
  const person = await newcomer(platform.url, { name: 'Nightshift' });
  const lists = mayList(person.client);
  const named = createGraphClient(platform.url, {
    token: person.accessToken,
    headers: { 'user-agent': 'orion-console/1' },
  });
  await change('assignRole', { userId: person.userId, role: 'SUPPORT' });
  await eventually(lists);
  const { policy } = await change(
    'createPolicy',
    {
      name: 'The console only',
      effect: 'DENY',
      permission: 'user:list:any',
      roleId: await roleId('SUPPORT'),
      condition: { not: { userAgent: { contains: 'orion-console' } } },
    },
    { returns: 'policy { id }' },
  );
  await eventually(async () => !(await lists()), { every: 10 });
  expect(await mayList(named)()).toBe(true);
  const { data } = await admin.client.query(
    `query ($id: ID!) { explainAccess(userId: $id, permission: "user:list:any", circumstances: { userAgent: "curl" }) {
       allowed reason steps { kind outcome condition } } }`,
    { id: person.userId },
  );
  expect(data.explainAccess).toEqual({
    allowed: false,
    reason: 'DENIED_BY_POLICY',
    steps: [
      { kind: 'ROLE', outcome: 'ALLOWS', condition: null },
      { kind: 'POLICY', outcome: 'DENIES', condition: 'HOLDS' },
    ],
  });
  await change('deletePolicy', { policyId: policy.id });
  await eventually(lists);
  await change('unassignRole', { userId: person.userId, role: 'SUPPORT' });
});

test('a new token says the same as the announcement did', async () => {
  const person = await newcomer(platform.url, { name: 'Returning' });
  await change('assignRole', { userId: person.userId, role: 'SUPPORT' });
  await eventually(mayList(person.client));
  const again = await signIn(platform.url, { email: 'returning@example.com', password: 'correct horse battery' });
  expect(await mayList(again.client)()).toBe(true);
  await change('unassignRole', { userId: person.userId, role: 'SUPPORT' });
  await eventually(async () => !(await mayList(again.client)()));
  const last = await signIn(platform.url, { email: 'returning@example.com', password: 'correct horse battery' });
  expect(await mayList(last.client)()).toBe(false);
});

test('ID-79: what is made for oneself names nobody else', async () => {
  const [person, victim] = [
    await newcomer(platform.url, { name: 'Intruder' }),
    await newcomer(platform.url, { name: 'Victim' }),
  ];
  for (const field of ['userId', 'ownerId']) {
    const answer = await person.client.query(
      `mutation ($id: ID!) { createApiKey(input: { name: "x", scopes: [], ${field}: $id }) { secret } }`,
      { id: victim.userId },
    );
    expect([answer.data, answer.errors.length]).toEqual([null, 1]);
  }
  const { data } = await victim.client.query('{ me { apiKeys { nodes { id } } } }');
  expect(data.me.apiKeys.nodes).toEqual([]);
});

test('ID-81: whoever may give roles gives none as high as their own, and not to themselves', async () => {
  const person = await newcomer(platform.url, { name: 'Climber' });
  const other = await newcomer(platform.url, { name: 'Friend' });
  const { role } = await change(
    'createRole',
    { name: 'ROLE_GIVER', description: 'Gives roles.', level: 40 },
    { returns: 'role { id }' },
  );
  await change('grantPermissionToRole', { roleId: role.id, permission: 'role:write:any' });
  await change('assignRole', { userId: person.userId, role: 'ROLE_GIVER' });
  const assign = async (userId: string, name: string) => {
    const { data } = await person.client.query(
      'mutation ($input: AssignRoleInput!) { assignRole(input: $input) { userErrors { code } } }',
      { input: { userId, role: name } },
    );
    return data?.assignRole.userErrors.map(({ code }: { code: string }) => code);
  };
  expect(await eventually(() => assign(other.userId, 'ADMIN'))).toEqual(['ROLE_LEVEL_TOO_HIGH']);
  expect(await assign(other.userId, 'ROLE_GIVER')).toEqual(['ROLE_LEVEL_TOO_HIGH']);
  expect(await assign(other.userId, 'SUPPORT')).toEqual(['PERMISSION_NOT_HELD']);
  expect(await assign(person.userId, 'MEMBER')).toEqual(['OWN_ACCESS']);
  expect(await assign(admin.userId, 'MEMBER')).toEqual(['USER_LEVEL_TOO_HIGH']);
});

test('ID-84: a key works only from where it may, until its owner is suspended', async () => {
  const person = await newcomer(platform.url, { name: 'Keyholder' });
  const make = async (allowedIps: readonly string[]) => {
    const { secret } = await change(
      'createApiKey',
      { name: 'program', scopes: [], allowedIps },
      { returns: 'secret', client: person.client },
    );
    return createGraphClient(platform.url, { token: secret });
  };
  const elsewhere = await make(['192.0.2.0/24']);
  expect((await elsewhere.query('{ me { id } }')).status).toBe(401);
  const here = await make(['127.0.0.0/8', '::1']);
  expect((await here.query('{ me { id } }')).data.me.id).toBe(person.userId);
  await change('suspendUser', { userId: person.userId, reason: 'A test.' });
  await eventually(async () => (await here.query('{ me { id } }')).status === 401, { every: 10 });
});

test('a service account works with its key, as itself, until it is deleted', async () => {
  const { serviceAccount } = await change(
    'createServiceAccount',
    { name: 'Report robot', roles: ['SUPPORT'] },
    { returns: 'serviceAccount { id kind }' },
  );
  const { secret } = await change(
    'createServiceAccountKey',
    { serviceAccountId: serviceAccount.id, name: 'nightly', scopes: ['user:list:any'] },
    { returns: 'secret' },
  );
  const robot = createGraphClient(platform.url, { token: secret });
  const me = await robot.query('{ me { id displayName kind email } }');
  expect(me.data.me).toEqual({ id: serviceAccount.id, displayName: 'Report robot', kind: 'SERVICE', email: null });
  expect(await mayList(robot)()).toBe(true);
  expect(codesOf(await robot.query('{ roles(first: 1) { nodes { id } } }'))).toEqual(['FORBIDDEN']);
  const found = await admin.client.query('{ searchUsers(query: "report robot") { nodes { id } } }');
  expect(found.data.searchUsers.nodes).toEqual([]);
  await change('deleteServiceAccount', { serviceAccountId: serviceAccount.id });
  await eventually(async () => (await robot.query('{ me { id } }')).status === 401, { every: 10 });
});

test('nobody can ask who is behind a key: that is for the gateway', async () => {
  const answer = await admin.client.query('{ apiKeyIdentity(key: "x") { userId } }');
  expect(answer.data).toBeNull();
  expect(codesOf(answer)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});
