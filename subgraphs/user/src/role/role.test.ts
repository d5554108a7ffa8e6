import { permissionsChanged, roleAssigned, roleRevoked, userRegistered } from '@orion/platform/event-contracts';
import { uuidv7 } from '@orion/platform/ids';
import { startSubgraph } from '@orion/platform/subgraph';
import { eventually, startTestSubgraph, testViewer } from '@orion/platform/testing';
import type { TestAnswer, TestSubgraph } from '@orion/platform/testing';
import { subgraph } from '../subgraph.js';
import { openTestBus } from '@orion/platform/testing';
import type { TestBus } from '@orion/platform/testing';

const ADMINISTRATOR_ID = '00000000-0000-7000-8000-000000000001';
const admin = testViewer({
  userId: ADMINISTRATOR_ID,
  permissions: ['role:write:any', 'role:read:any', 'permission:read:any'],
});

let running: TestSubgraph;
let bus: TestBus;

beforeAll(async () => {
  running = await startTestSubgraph(subgraph, { ORION_DEMO: 'true' });
  bus = await openTestBus(running, { group: 'user' });
});

afterAll(async () => {
  await bus.stop();
  await running.stop();
});

async function register(): Promise<string> {
  const userId = uuidv7();
  const event = userRegistered.of({
    userId,
    email: 'x@orion.test',
    displayName: 'X',
    locale: 'en',
    verificationToken: null,
  });
  await bus.taken(await bus.deliver(event));
  return userId;
}

function change(
  mutation: 'assignRole' | 'unassignRole',
  userId: string,
  role: string,
  viewer = admin,
): Promise<TestAnswer> {
  const type = mutation === 'assignRole' ? 'AssignRoleInput' : 'UnassignRoleInput';
  return running.query(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { user { id roles { role { name } } } userErrors { code path } } }`,
    {
      viewer,
      variables: { input: { userId, role } },
    },
  );
}

const assign = (userId: string, role: string, viewer = admin) => change('assignRole', userId, role, viewer);
const unassign = (userId: string, role: string, viewer = admin) => change('unassignRole', userId, role, viewer);

interface RoleChange {
  readonly role?: string;
  readonly permissions: readonly string[];
  readonly version: number;
  readonly level: number;
}

async function announcements(userId: string): Promise<readonly RoleChange[]> {
  const types = [roleAssigned, roleRevoked, permissionsChanged].map(({ type }) => bus.published(type));
  return (await Promise.all(types))
    .flat()
    .filter(({ key }) => key === userId)
    .map(({ data }) => data as RoleChange)
    .toSorted((a, b) => a.version - b.version);
}

describe('demo mode', () => {
  it('has an administrator, and announces what that allows once, however often it starts', async () => {
    const [first] = await eventually(async () => {
      const all = await announcements(ADMINISTRATOR_ID);
      return all.length > 0 && all;
    });
    const again = await startSubgraph(subgraph, running.environment);
    await again.stop();
    expect(await announcements(ADMINISTRATOR_ID)).toHaveLength(1);
    expect(first).toMatchObject({ role: 'ADMIN', version: 1 });
    expect(first?.permissions).toEqual(
      expect.arrayContaining(['user:list:any', 'role:write:any', 'notification:send:any', 'analytics:read:any']),
    );
    const { data } = await running.query(
      '{ me { roles { role { name level } grantedBy { id } } effectivePermissions { key scope } } }',
      { viewer: admin },
    );
    expect(data.me.roles).toEqual([
      { role: { name: 'ADMIN', level: 100 }, grantedBy: null },
      { role: { name: 'MEMBER', level: 10 }, grantedBy: null },
    ]);
    expect(data.me.effectivePermissions.map(({ key }: { key: string }) => key)).toEqual(first?.permissions);
  });

  it('is announced again, once, when a migration has given the role more', async () => {
    const before = await announcements(ADMINISTRATOR_ID);
    await bus.sql(`INSERT INTO permissions (id, resource, action, scope, description)
                   VALUES (gen_random_uuid(), 'moon', 'visit', 'any', 'Go there.')`);
    await bus.sql(`INSERT INTO role_permissions SELECT id, 'moon:visit:any' FROM roles WHERE name = 'ADMIN'`);
    await bus.sql('UPDATE permission_versions SET is_announced = false WHERE user_id = $1', [ADMINISTRATOR_ID]);
    try {
      for (let start = 0; start < 2; start += 1) await (await startSubgraph(subgraph, running.environment)).stop();
      const after = await eventually(async () => {
        const all = await announcements(ADMINISTRATOR_ID);
        return all.length > before.length && all;
      });
      expect(after).toHaveLength(before.length + 1);
      expect(after.at(-1)).toMatchObject({ level: 100, version: (before.at(-1)?.version ?? 0) + 1 });
      expect(after.at(-1)?.permissions).toContain('moon:visit:any');
    } finally {
      await bus.sql(`DELETE FROM role_permissions WHERE permission = 'moon:visit:any'`);
      await bus.sql(`DELETE FROM permissions WHERE key = 'moon:visit:any'`);
    }
  });
});

describe('assignRole and unassignRole', () => {
  it('announce the permissions afterwards, with a version that rises', async () => {
    const userId = await register();
    const assigned = await assign(userId, 'ADMIN');
    expect(assigned.data.assignRole).toEqual({
      user: { id: userId, roles: [{ role: { name: 'ADMIN' } }, { role: { name: 'MEMBER' } }] },
      userErrors: [],
    });
    await assign(userId, 'ADMIN');
    await unassign(userId, 'MEMBER');
    const removed = await unassign(userId, 'ADMIN');
    expect(removed.data.unassignRole).toEqual({ user: { id: userId, roles: [] }, userErrors: [] });
    await unassign(userId, 'ADMIN');
    const all = await eventually(async () => {
      const found = await announcements(userId);
      return found.length === 3 && found;
    });
    expect(all.map(({ role, version, permissions }) => [role, version, permissions.length > 0])).toEqual([
      ['ADMIN', 1, true],
      ['MEMBER', 2, true],
      ['ADMIN', 3, false],
    ]);
  });

  it('never give one version to two changes at once, and the highest one tells the truth', async () => {
    const userId = await register();
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 3 === 2 ? unassign(userId, 'ADMIN') : assign(userId, n % 3 === 1 ? 'ADMIN' : 'MEMBER'),
      ),
    );
    const rows = await bus.sql<{ version: number }>('SELECT version FROM permission_versions WHERE user_id = $1', [
      userId,
    ]);
    const last = rows[0]?.version ?? 0;
    const all = await eventually(async () => {
      const found = await announcements(userId);
      return found.length >= last && found;
    });
    expect(all.map(({ version }) => version)).toEqual(Array.from({ length: last }, (_, n) => n + 1));
    const { data } = await running.query(`{ user(id: "${userId}") { effectivePermissions { key } } }`, {
      viewer: admin,
    });
    expect(all.at(-1)?.permissions).toEqual(data.user.effectivePermissions.map(({ key }: { key: string }) => key));
  });

  it('are refused without role:write:any, and to those who have lost it since their token was issued', async () => {
    const userId = await register();
    for (const viewer of [testViewer({ userId }), testViewer({ userId, permissions: ['role:write:any'] })]) {
      const { data, errors } = await assign(userId, 'ADMIN', viewer);
      expect(data).toBeNull();
      expect(errors[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    }
  });

  it('name what there is not', async () => {
    const userId = await register();
    expect((await assign(uuidv7(), 'ADMIN')).data.assignRole.userErrors).toEqual([
      { code: 'USER_NOT_FOUND', path: ['input', 'userId'] },
    ]);
    expect((await assign('nobody', 'ADMIN')).data.assignRole.userErrors).toEqual([
      { code: 'USER_NOT_FOUND', path: ['input', 'userId'] },
    ]);
    expect((await assign(userId, 'KING')).data.assignRole.userErrors).toEqual([
      { code: 'ROLE_NOT_FOUND', path: ['input', 'role'] },
    ]);
  });
});

describe('roles of others', () => {
  it('are for those who may read them, and refusing leaves the neighbours alone', async () => {
    const userId = await register();
    const { data, errors } = await running.query(
      `{ user(id: "${userId}") { displayName roles { role { name } } effectivePermissions { key } } me { roles { role { name } } } roles { nodes { name } } }`,
      { viewer: testViewer() },
    );
    expect(data).toEqual({
      user: { displayName: 'X', roles: null, effectivePermissions: null },
      me: { roles: [{ role: { name: 'MEMBER' } }] },
      roles: null,
    });
    expect(
      errors.map(({ path, extensions }) => `${path?.join('.')} ${String(extensions['permission'])}`).toSorted(),
    ).toEqual(['roles role:read:any', 'user.effectivePermissions permission:read:any', 'user.roles role:read:any']);
  });

  it('are listed, highest first, with what they allow', async () => {
    const { data } = await running.query(
      '{ roles { nodes { name isSystem memberCount parent { name } ancestors { name } permissions { key } own: permissions(inherited: false) { key } } } }',
      { viewer: admin },
    );
    const [first, second] = data.roles.nodes;
    expect(first).toMatchObject({ name: 'ADMIN', isSystem: true, parent: null, ancestors: [] });
    expect(first.permissions).toContainEqual({ key: 'role:write:any' });
    expect(second).toMatchObject({ name: 'MODERATOR', memberCount: 0, parent: { name: 'SUPPORT' } });
    expect(second.ancestors).toEqual([{ name: 'SUPPORT' }]);
    expect(second.permissions).toContainEqual({ key: 'user:list:any' });
    expect(second.own).not.toContainEqual({ key: 'user:list:any' });
  });
});

describe('FIRST_ADMINISTRATOR_ID', () => {
  it('makes somebody an administrator while nobody is, once, and nobody who is none', async () => {
    const [first, second] = [await register(), await register()];
    const administrators = async () =>
      (
        await bus.sql<{ id: string }>(
          `SELECT user_id AS id FROM user_roles JOIN roles ON roles.id = role_id WHERE name = 'ADMIN'`,
        )
      ).map(({ id }) => id);
    const start = async (id: string) =>
      running.restart({ ORION_DEMO: 'false', FIRST_ADMINISTRATOR_ID: id }).then(administrators);
    expect(await start(first)).not.toContain(first);
    await bus.sql(`DELETE FROM user_roles USING roles WHERE roles.id = role_id AND name = 'ADMIN'`);
    await bus.sql(`UPDATE users SET status = 'SUSPENDED' WHERE id = $1`, [second]);
    expect(await start(second)).toEqual([]);
    expect(await start(uuidv7())).toEqual([]);
    expect(await start(first)).toEqual([first]);
    await bus.sql(`UPDATE users SET status = 'ACTIVE' WHERE id = $1`, [second]);
    expect(await start(second)).toEqual([first]);
    const [last] = await eventually(async () => {
      const all = await announcements(first);
      return all.length > 0 && all.slice(-1);
    });
    expect(last).toMatchObject({ role: 'ADMIN', level: 100 });
  });
});
