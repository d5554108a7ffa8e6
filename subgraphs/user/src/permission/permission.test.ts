import { permissionsChanged, roleAssigned } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
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

const ADMINISTRATION = ['role:write:any', 'permission:write:any', 'permission:explain:any', 'permission:read:any'];
const admin = () => testViewer({ userId: adminId, permissions: ADMINISTRATION });

// The shape is the query's business; a test reads what it asked for.
// oxlint-disable-next-line typescript/no-explicit-any
async function ask(document: string, variables: Readonly<Record<string, unknown>>, viewer = admin()): Promise<any> {
  const { data, errors } = await people.running.query(document, { viewer, variables });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

interface Terms {
  readonly effect?: 'ALLOW' | 'DENY';
  readonly expiresAt?: Date;
  readonly reason?: string;
}

async function grant(userId: string, permission: string, terms: Terms = {}): Promise<string | null> {
  const { grantUserPermission } = await ask(
    'mutation ($input: GrantUserPermissionInput!) { grantUserPermission(input: $input) { user { id } userErrors { code path } } }',
    { input: { userId, permission, ...terms } },
  );
  return grantUserPermission.userErrors[0]?.code ?? null;
}

async function revoke(userId: string, permission: string, effect: 'ALLOW' | 'DENY' = 'ALLOW'): Promise<string | null> {
  const { revokeUserPermission } = await ask(
    'mutation ($input: RevokeUserPermissionInput!) { revokeUserPermission(input: $input) { userErrors { code } } }',
    { input: { userId, permission, effect } },
  );
  return revokeUserPermission.userErrors[0]?.code ?? null;
}

async function can(userId: string, permission: string, resourceId: string | null = null) {
  const { can: decision } = await ask(
    'query ($permission: String!, $resourceId: ID) { can(permission: $permission, resourceId: $resourceId) { allowed reason expiresAt } }',
    { permission, resourceId },
    testViewer({ userId }),
  );
  return decision as { readonly allowed: boolean; readonly reason: string; readonly expiresAt: string | null };
}

const inSeconds = (seconds: number): Date => new Date((Math.floor(Date.now() / 1_000) + seconds) * 1_000);

/** All that was announced of a user, in order of the versions. */
async function announcements(userId: string) {
  const all = [
    ...(await people.bus.published(permissionsChanged.type)),
    ...(await people.bus.published(roleAssigned.type)),
  ];
  return all
    .filter(({ key }) => key === userId)
    .map(({ data }) => data as { version: number; permissions: string[]; expiries?: object; level: number })
    .toSorted((a, b) => a.version - b.version);
}

describe('can', () => {
  test('decides by what the database says, not by the token', async () => {
    const userId = await people.register('Ann', ['ADMIN']);
    expect(await can(userId, 'user:list:any')).toEqual({ allowed: true, reason: 'GRANTED', expiresAt: null });
    expect(await can(userId, 'session:read:own', uuidv7())).toMatchObject({ allowed: true, reason: 'GRANTED' });
  });

  test('ID-82: lets everybody do with their own what the scope own names, and nothing with what is of others', async () => {
    const userId = await people.register('Bob');
    expect(await can(userId, 'session:read:own')).toMatchObject({ allowed: true, reason: 'OWNER' });
    expect(await can(userId, 'session:read:own', userId)).toMatchObject({ allowed: true, reason: 'OWNER' });
    expect(await can(userId, 'session:read:own', uuidv7())).toMatchObject({ allowed: false, reason: 'NOT_OWNER' });
    expect(await can(userId, 'session:read:any', userId)).toMatchObject({ allowed: false, reason: 'NOT_GRANTED' });
  });

  test('ID-82: what is no permission is refused, and what is not known is denied, to administrators as well', async () => {
    await expect(can(adminId, 'everything')).rejects.toThrow('BAD_USER_INPUT');
    await expect(can(adminId, `${'a'.repeat(300)}:b:any`)).rejects.toThrow('BAD_USER_INPUT');
    expect(await can(adminId, 'moon:visit:any')).toMatchObject({ allowed: false, reason: 'UNKNOWN_PERMISSION' });
    expect(await can(adminId, 'moon:visit:own')).toMatchObject({ allowed: false, reason: 'UNKNOWN_PERMISSION' });
  });

  test('tells an API key no more than what it was given', async () => {
    const viewer = testViewer({ userId: adminId, kind: 'api-key', permissions: ['user:list:any', 'session:read:own'] });
    const decide = async (permission: string) => {
      const { can: decision } = await ask(`{ can(permission: "${permission}") { allowed reason } }`, {}, viewer);
      return decision;
    };
    expect(await decide('user:list:any')).toEqual({ allowed: true, reason: 'GRANTED' });
    expect(await decide('audit:read:any')).toEqual({ allowed: false, reason: 'OUT_OF_SCOPE' });
    expect(await decide('session:read:own')).toEqual({ allowed: true, reason: 'OWNER' });
    expect(await decide('device:read:own')).toEqual({ allowed: false, reason: 'OUT_OF_SCOPE' });
  });
});

describe('direct grants and denials', () => {
  test('ID-82: a denial beats every grant, until it is taken back', async () => {
    const userId = await people.register('Cid', ['SUPPORT']);
    expect(await grant(userId, 'user:list:any')).toBeNull();
    expect(await grant(userId, 'user:list:any', { effect: 'DENY', reason: 'Under review' })).toBeNull();
    expect(await can(userId, 'user:list:any')).toMatchObject({ allowed: false, reason: 'DENIED' });
    const { user } = await ask(
      `{ user(id: "${userId}") { effectivePermissions { key } directPermissions { permission effect reason grantedBy { id } } } }`,
      {},
    );
    expect(user.effectivePermissions).not.toContainEqual({ key: 'user:list:any' });
    expect(user.directPermissions).toEqual([
      { permission: 'user:list:any', effect: 'ALLOW', reason: null, grantedBy: { id: adminId } },
      { permission: 'user:list:any', effect: 'DENY', reason: 'Under review', grantedBy: { id: adminId } },
    ]);
    expect(await revoke(userId, 'user:list:any', 'DENY')).toBeNull();
    expect(await can(userId, 'user:list:any')).toMatchObject({ allowed: true, reason: 'GRANTED' });
  });

  test('ID-82: a grant is dead at the second at which it ends, and is announced as gone', async () => {
    const userId = await people.register('Dan');
    const later = inSeconds(3_600);
    expect(await grant(userId, 'audit:read:any', { expiresAt: later })).toBeNull();
    const granted = { allowed: true, reason: 'GRANTED', expiresAt: later.toISOString() };
    expect(await can(userId, 'audit:read:any')).toEqual(granted);
    const end = inSeconds(3);
    expect(await grant(userId, 'audit:read:any', { expiresAt: end })).toBeNull();
    await eventually(async () => {
      const askedAt = Date.now();
      const { allowed } = await can(userId, 'audit:read:any');
      if (allowed && askedAt >= end.getTime()) throw new Error(`it was allowed ${askedAt - end.getTime()} ms too long`);
      return !allowed && Date.now() >= end.getTime();
    });
    expect(await can(userId, 'audit:read:any')).toMatchObject({ allowed: false });
    const all = await eventually(async () => {
      const found = await announcements(userId);
      return found.length === 3 && found;
    });
    expect(all[1]).toMatchObject({
      permissions: ['audit:read:any'],
      expiries: { 'audit:read:any': end.getTime() / 1_000 },
    });
    expect(all[2]).toMatchObject({ permissions: [] });
    expect(await people.bus.sql('SELECT FROM user_permissions WHERE user_id = $1', [userId])).toEqual([]);
  });

  test('a denial that ends gives back what it took, with an announcement', async () => {
    const userId = await people.register('Eve', ['SUPPORT']);
    expect(await grant(userId, 'user:list:any', { effect: 'DENY' })).toBeNull();
    expect(await can(userId, 'user:list:any')).toMatchObject({ allowed: false });
    expect(await grant(userId, 'user:list:any', { effect: 'DENY', expiresAt: inSeconds(3) })).toBeNull();
    const last = await eventually(async () => {
      const found = await announcements(userId);
      return found.length === 3 && found.at(-1);
    });
    expect(last.permissions).toContain('user:list:any');
    expect(await can(userId, 'user:list:any')).toMatchObject({ allowed: true });
  });

  test('one that is given again for longer does not end at the first time', async () => {
    const userId = await people.register('Fay');
    await grant(userId, 'audit:read:any', { expiresAt: inSeconds(3) });
    await grant(userId, 'audit:read:any', { expiresAt: inSeconds(3_600) });
    const isIdle = async (): Promise<boolean> =>
      (await people.bus.sql(`SELECT FROM jobs WHERE name = 'access.end_grants' AND run_at < now() + interval '1 min'`))
        .length === 0;
    await eventually(isIdle);
    expect(await can(userId, 'audit:read:any')).toMatchObject({ allowed: true });
    expect(await announcements(userId)).toHaveLength(2);
  });

  test('name what is wrong', async () => {
    const userId = await people.register('Gus');
    expect(await grant(uuidv7(), 'user:list:any')).toBe('USER_NOT_FOUND');
    expect(await grant(userId, 'moon:visit:any')).toBe('PERMISSION_NOT_FOUND');
    expect(await grant(userId, 'session:read:own')).toBe('PERMISSION_IMPLICIT');
    expect(await grant(userId, 'user:list:any', { expiresAt: new Date(Date.now() - 1_000) })).toBe('EXPIRY_INVALID');
    expect(await grant(userId, 'user:list:any', { reason: 'x'.repeat(501) })).toBe('REASON_INVALID');
    expect(await revoke(userId, 'user:list:any')).toBeNull();
    expect(await announcements(userId)).toEqual([]);
  });

  test('are not for tokens that are older than what the database says', async () => {
    const userId = await people.register('Hal');
    const viewer = testViewer({ userId: await people.register('Ida'), permissions: ['permission:write:any'] });
    await expect(
      ask(
        'mutation ($input: GrantUserPermissionInput!) { grantUserPermission(input: $input) { userErrors { code } } }',
        { input: { userId, permission: 'user:list:any' } },
        viewer,
      ),
    ).rejects.toThrow('FORBIDDEN');
  });
});

describe('what a role may do', () => {
  const inputOf = (mutation: string): string => `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const changeRole = async (mutation: string, roleId: string, permission: string) => {
    const data = await ask(
      `mutation ($input: ${inputOf(mutation)}!) { ${mutation}(input: $input) { role { permissions { key } } userErrors { code } } }`,
      { input: { roleId, permission } },
    );
    return data[mutation];
  };

  test('ID-83: a change is announced to everybody who has the role or inherits from it, many at a time', async () => {
    const { createRole } = await ask(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } userErrors { code } } }',
      { input: { name: 'BASE', description: 'To inherit from.', level: 5 } },
    );
    const { id } = createRole.role;
    await ask('mutation ($input: CreateRoleInput!) { createRole(input: $input) { userErrors { code } } }', {
      input: { name: 'TOP', description: 'Inherits.', level: 6, parentId: id },
    });
    await people.bus.sql(
      `INSERT INTO users (id, display_name, sort_name, search_words, provisional)
       SELECT gen_random_uuid(), 'Crowd', 'crowd', '{}', false FROM generate_series(1, 450)`,
    );
    await people.bus.sql(
      `INSERT INTO user_roles (user_id, role_id)
       SELECT users.id, roles.id FROM users, roles WHERE users.display_name = 'Crowd' AND roles.name = 'TOP'`,
    );
    const answer = await changeRole('grantPermissionToRole', id, 'audit:read:any');
    expect(answer).toEqual({ role: { permissions: [{ key: 'audit:read:any' }] }, userErrors: [] });
    const crowd = await people.bus.sql<{ id: string }>(`SELECT id FROM users WHERE display_name = 'Crowd'`);
    const told = (permissions: readonly string[]) =>
      eventually(
        async () => {
          const all = await people.bus.published(permissionsChanged.type);
          const last = new Map(all.map(({ key, data }) => [key, (data as { permissions: string[] }).permissions]));
          return crowd.every((one) => JSON.stringify(last.get(one.id)) === JSON.stringify(permissions));
        },
        { within: 20_000, every: 100 },
      );
    await told(['audit:read:any']);
    await changeRole('revokePermissionFromRole', id, 'audit:read:any');
    await told([]);
    expect(await people.bus.sql('SELECT FROM permission_versions WHERE NOT is_announced')).toEqual([]);
  });

  test('somebody to whom it is given while it changes is told of what it is in the end', async () => {
    const [role] = await people.bus.sql<{ id: string }>(`SELECT id FROM roles WHERE name = 'BASE'`);
    const newcomers = await Promise.all(Array.from({ length: 8 }, (_, n) => people.register(`New ${n}`)));
    const assign = (userId: string) =>
      ask('mutation ($input: AssignRoleInput!) { assignRole(input: $input) { userErrors { code } } }', {
        input: { userId, role: 'BASE' },
      });
    await Promise.all([
      ...newcomers.slice(0, 4).map(assign),
      changeRole('grantPermissionToRole', role?.id ?? '', 'event:replay:any'),
      ...newcomers.slice(4).map(assign),
    ]);
    await eventually(async () => {
      const last = await Promise.all(newcomers.map(async (id) => (await announcements(id)).at(-1)?.permissions));
      return last.every((permissions) => permissions?.includes('event:replay:any'));
    });
  });
});

describe('explainAccess', () => {
  const explain = async (userId: string, permission: string, resourceId: string | null = null) => {
    const { explainAccess } = await ask(
      `query ($userId: ID!, $permission: String!, $resourceId: ID) {
        explainAccess(userId: $userId, permission: $permission, resourceId: $resourceId) {
          allowed reason steps { kind outcome permission role { name } through { name } policy { name } condition } } }`,
      { userId, permission, resourceId },
    );
    return explainAccess;
  };
  const nothing = { role: null, through: [], policy: null, condition: null };

  test('says by which role, and by way of which other one, and what denies it', async () => {
    const userId = await people.register('Jon', ['MODERATOR']);
    await grant(userId, 'user:list:any', { effect: 'DENY' });
    expect(await explain(userId, 'user:list:any')).toEqual({
      allowed: false,
      reason: 'DENIED',
      steps: [
        {
          ...nothing,
          kind: 'ROLE',
          outcome: 'ALLOWS',
          permission: 'user:list:any',
          role: { name: 'MODERATOR' },
          through: [{ name: 'SUPPORT' }],
        },
        { ...nothing, kind: 'DIRECT', outcome: 'DENIES', permission: 'user:list:any' },
      ],
    });
  });

  test('says whose it is', async () => {
    const userId = await people.register('Kim');
    const step = { ...nothing, kind: 'OWNERSHIP', permission: 'session:read:own' };
    expect(await explain(userId, 'session:read:own', userId)).toEqual({
      allowed: true,
      reason: 'OWNER',
      steps: [{ ...step, outcome: 'ALLOWS' }],
    });
    expect(await explain(userId, 'session:read:own', adminId)).toEqual({
      allowed: false,
      reason: 'NOT_OWNER',
      steps: [{ ...step, outcome: 'SAYS_NOTHING' }],
    });
  });

  test('is for those who may ask, and of people there are', async () => {
    expect(await explain(uuidv7(), 'session:read:own')).toBeNull();
    expect(await explain('nobody', 'session:read:own')).toBeNull();
    const { data, errors } = await people.running.query(
      `{ explainAccess(userId: "${adminId}", permission: "user:list:any") { allowed } }`,
      { viewer: testViewer() },
    );
    expect(data).toEqual({ explainAccess: null });
    expect(errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN', permission: 'permission:explain:any' } });
  });
});

test('permissions are listed in order, with what they allow in words', async () => {
  const { permissions } = await ask('{ permissions(first: 100) { nodes { key description } } }', {}, testViewer());
  const keys: string[] = permissions.nodes.map(({ key }: { key: string }) => key);
  expect(keys).toEqual(keys.toSorted());
  expect(keys).toEqual(expect.arrayContaining(['role:write:any', 'session:read:own', 'session:read:any']));
});

test('what was read of somebody is read again after every change, and not before', async () => {
  const userId = await people.register('Lea', ['SUPPORT']);
  const read = async () => {
    const { statements, data } = await people.running.query('{ me { effectivePermissions { key } } }', {
      viewer: testViewer({ userId }),
    });
    return { statements, keys: data.me.effectivePermissions.map(({ key }: { key: string }) => key) as string[] };
  };
  const first = await read();
  const second = await read();
  expect(second.keys).toEqual(first.keys);
  expect(second.statements).toBeLessThan(first.statements);
  await grant(userId, 'audit:read:any');
  expect((await read()).keys).toContain('audit:read:any');
  await revoke(userId, 'audit:read:any');
  expect((await read()).keys).toEqual(first.keys);
});
