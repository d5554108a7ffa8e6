import { apiKeyRevoked, userDeleted } from '@orion/platform/event-contracts';
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

type Input = Readonly<Record<string, unknown>>;
const WRITE = ['service-account:write:any', 'service-account:read:any', 'user:list:any', 'role:read:any'];

// oxlint-disable-next-line typescript/no-explicit-any
async function ask(document: string, variables: Input = {}, userId: string | null = adminId): Promise<any> {
  const viewer = userId === null ? null : testViewer({ userId, permissions: WRITE });
  const { data, errors } = await people.running.query(document, { viewer, variables });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

async function create(name: string, roles: readonly string[] = [], userId = adminId) {
  const { createServiceAccount } = await ask(
    `mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) {
       serviceAccount { id kind displayName roles { role { name } } } userErrors { code path } } }`,
    { input: { name, roles } },
    userId,
  );
  return createServiceAccount;
}

async function createKey(serviceAccountId: string, scopes: readonly string[], userId = adminId) {
  const { createServiceAccountKey } = await ask(
    `mutation ($input: CreateServiceAccountKeyInput!) { createServiceAccountKey(input: $input) {
       apiKey { id } secret userErrors { code path } } }`,
    { input: { serviceAccountId, name: 'Key', scopes } },
    userId,
  );
  return createServiceAccountKey;
}

async function identify(key: string) {
  const { apiKeyIdentity } = await ask(
    'query ($key: String!) { apiKeyIdentity(key: $key) { userId permissions } }',
    { key },
    null,
  );
  return apiKeyIdentity;
}

/** Somebody who may make service accounts and reaches roles below 40. */
async function deputy(): Promise<string> {
  await people.bus.sql(
    `WITH made AS (INSERT INTO roles (id, name, level, description) VALUES (gen_random_uuid(), 'ROBOTICIST', 40, 'x')
                   ON CONFLICT DO NOTHING RETURNING id),
          closed AS (INSERT INTO role_closure SELECT id, id, 0 FROM made)
     INSERT INTO role_permissions
     SELECT made.id, key FROM made, unnest(ARRAY['service-account:write:any', 'user:list:any']) AS key`,
  );
  return people.register('Deputy', ['ROBOTICIST']);
}

test('an account has the roles and the keys that it was given, and outlives whoever made it', async () => {
  const creator = await people.register('Creator', ['ADMIN']);
  const { serviceAccount, userErrors } = await create('Billing robot', ['SUPPORT'], creator);
  expect(userErrors).toEqual([]);
  expect(serviceAccount).toMatchObject({ kind: 'SERVICE', displayName: 'Billing robot' });
  const { secret } = await createKey(serviceAccount.id, ['user:list:any', 'session:read:own'], creator);
  await people.bus.sql(`UPDATE users SET status = 'DELETED', deleted_at = now() WHERE id = $1`, [creator]);
  expect(await identify(secret)).toEqual({
    userId: serviceAccount.id,
    permissions: ['user:list:any', 'session:read:own'],
  });
});

test('it is listed among service accounts, and nobody finds it among people', async () => {
  const { serviceAccount } = await create('Zanzibar exporter');
  const { serviceAccounts } = await ask('{ serviceAccounts(first: 100) { nodes { id kind } } }');
  expect(serviceAccounts.nodes).toContainEqual({ id: serviceAccount.id, kind: 'SERVICE' });
  const { searchUsers } = await ask('{ searchUsers(query: "zanzibar") { nodes { id } } }');
  expect(searchUsers.nodes).toEqual([]);
});

test('ID-84: its keys are given no more than both the account and the maker hold', async () => {
  const { serviceAccount } = await create('Auditor', ['MODERATOR']);
  expect((await createKey(serviceAccount.id, ['event:replay:any'])).userErrors).toEqual([
    { code: 'SCOPE_NOT_HELD', path: ['input', 'scopes', '0'] },
  ]);
  const maker = await deputy();
  const low = (await create('Helper', ['SUPPORT'])).serviceAccount;
  expect((await createKey(low.id, ['user:list:any'], maker)).userErrors).toEqual([]);
  expect((await createKey(low.id, ['session:read:any'], maker)).userErrors).toMatchObject([{ code: 'SCOPE_NOT_HELD' }]);
});

test('ID-81: nobody makes one, or a key for one, that stands as high as they do', async () => {
  const maker = await deputy();
  expect((await create('King', ['ADMIN'], maker)).userErrors).toEqual([
    { code: 'ROLE_LEVEL_TOO_HIGH', path: ['input', 'roles', '0'] },
  ]);
  expect((await create('Clerk', ['SUPPORT'], maker)).userErrors).toMatchObject([{ code: 'PERMISSION_NOT_HELD' }]);
  const { serviceAccount } = await create('Keeper', ['MODERATOR']);
  expect((await createKey(serviceAccount.id, [], maker)).userErrors).toMatchObject([{ code: 'USER_LEVEL_TOO_HIGH' }]);
  const { deleteServiceAccount } = await ask(
    'mutation ($input: DeleteServiceAccountInput!) { deleteServiceAccount(input: $input) { userErrors { code } } }',
    { input: { serviceAccountId: serviceAccount.id } },
    maker,
  );
  expect(deleteServiceAccount.userErrors).toEqual([{ code: 'USER_LEVEL_TOO_HIGH' }]);
});

test('what was refused left nothing behind', async () => {
  expect((await create('Ghost', ['SUPPORT', 'KING'])).userErrors).toEqual([
    { code: 'ROLE_NOT_FOUND', path: ['input', 'roles', '1'] },
  ]);
  expect((await create(' ')).userErrors).toMatchObject([{ code: 'SERVICE_ACCOUNT_NAME_INVALID' }]);
  expect(await people.bus.sql(`SELECT FROM users WHERE display_name = 'Ghost'`)).toEqual([]);
});

test('with the account its keys go, and everybody is told', async () => {
  const { serviceAccount } = await create('Temporary', ['SUPPORT']);
  const { secret, apiKey } = await createKey(serviceAccount.id, ['user:list:any']);
  const remove = async (serviceAccountId: string) =>
    (
      await ask(
        `mutation ($input: DeleteServiceAccountInput!) { deleteServiceAccount(input: $input) {
           deletedServiceAccountId userErrors { code } } }`,
        { input: { serviceAccountId } },
      )
    ).deleteServiceAccount;
  expect(await remove(adminId)).toEqual({
    deletedServiceAccountId: null,
    userErrors: [{ code: 'SERVICE_ACCOUNT_NOT_FOUND' }],
  });
  expect(await remove(serviceAccount.id)).toEqual({ deletedServiceAccountId: serviceAccount.id, userErrors: [] });
  expect(await remove(serviceAccount.id)).toMatchObject({ userErrors: [{ code: 'SERVICE_ACCOUNT_NOT_FOUND' }] });
  expect(await identify(secret)).toBeNull();
  await eventually(async () => {
    const deleted = await people.bus.published(userDeleted.type);
    const revoked = await people.bus.published(apiKeyRevoked.type);
    return (
      deleted.some(({ key }) => key === serviceAccount.id) &&
      revoked.some(({ data }) => (data as { apiKeyId: string }).apiKeyId === apiKey.id)
    );
  });
});

test('it does not count as an administrator who is left', async () => {
  expect((await create('Root robot', ['ADMIN'])).userErrors).toEqual([]);
  const interim = await people.register('Interim', ['ADMIN']);
  await people.bus.sql(`UPDATE user_roles SET expires_at = now() + interval '1 day' WHERE user_id = $1`, [interim]);
  await people.bus.sql(
    `UPDATE users SET status = 'SUSPENDED'
      WHERE kind = 'PERSON' AND id <> $1 AND id <> $2 AND id IN (SELECT user_id FROM user_roles)`,
    [adminId, interim],
  );
  const { data } = await people.running.query(
    'mutation ($input: UnassignRoleInput!) { unassignRole(input: $input) { userErrors { code } } }',
    {
      viewer: testViewer({ userId: interim, permissions: ['role:write:any'] }),
      variables: { input: { userId: adminId, role: 'ADMIN' } },
    },
  );
  expect(data.unassignRole.userErrors).toEqual([{ code: 'LAST_ADMIN' }]);
});
