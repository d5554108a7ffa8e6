import { uuidv7 } from '@orion/platform/ids';
import { PermissionGrantService } from '../permission/permission-grant.service.js';
import { AccessEffect } from '../permission/permission-grant.types.js';
import { ADMINISTRATOR, openAccessFixture } from '../testing/access-fixture.js';
import type { AccessFixture } from '../testing/access-fixture.js';
import { RoleCommandService } from './role-command.service.js';

let fixture: AccessFixture;
let commands: RoleCommandService;
let direct: PermissionGrantService;
let adminId: string;

beforeAll(async () => {
  fixture = await openAccessFixture();
  commands = new RoleCommandService(fixture.database);
  direct = new PermissionGrantService(fixture.database);
  adminId = await fixture.addUser(ADMINISTRATOR);
  await fixture.addRole({
    name: 'DEPUTY',
    level: 60,
    permissions: ['role:write:any', 'permission:write:any', 'user:list:any'],
  });
});
afterAll(() => fixture.close());

interface Answer {
  readonly value: unknown;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const codeOf = async (answer: Promise<Answer>): Promise<string | null> => (await answer).userErrors[0]?.code ?? null;

const assign = (by: string, userId: string, role: string, expiresAt: Date | null = null) =>
  codeOf(fixture.grants.assign({ userId, role, expiresAt }, fixture.granter(by)));
const unassign = (by: string, userId: string, role: string) =>
  codeOf(fixture.grants.unassign({ userId, role }, fixture.granter(by)));
const tomorrow = (): Date => new Date(Date.now() + 86_400_000);

async function administrators(): Promise<string[]> {
  const rows: { id: string }[] = await fixture.database.query(
    `SELECT user_id AS id FROM user_roles JOIN roles ON roles.id = role_id WHERE name = 'ADMIN'`,
  );
  return rows.map(({ id }) => id);
}

test('ID-81: who is no administrator reaches only roles and people below', async () => {
  await fixture.addRole({ name: 'PEER', level: 60 });
  await fixture.addRole({ name: 'BELOW', level: 59 });
  const deputy = await fixture.addUser('DEPUTY');
  const other = await fixture.addUser();
  expect(await assign(deputy, other, 'ADMIN')).toBe('ROLE_LEVEL_TOO_HIGH');
  expect(await assign(deputy, other, 'PEER')).toBe('ROLE_LEVEL_TOO_HIGH');
  expect(await assign(deputy, other, 'BELOW')).toBeNull();
  expect(await unassign(deputy, adminId, 'ADMIN')).toBe('ROLE_LEVEL_TOO_HIGH');
  const peer = await fixture.addUser('PEER');
  expect(await assign(deputy, peer, 'BELOW')).toBe('USER_LEVEL_TOO_HIGH');
  const change = {
    userId: peer,
    permission: 'user:list:any',
    effect: AccessEffect.DENY,
    expiresAt: null,
    reason: null,
  };
  expect(await codeOf(direct.grant(change, fixture.granter(deputy)))).toBe('USER_LEVEL_TOO_HIGH');
  const make = (level: number) =>
    codeOf(commands.create({ name: `L${level}`, description: 'x', level }, fixture.granter(deputy)));
  expect(await make(60)).toBe('ROLE_LEVEL_TOO_HIGH');
  expect(await make(100)).toBe('ROLE_LEVEL_INVALID');
  expect(await make(42)).toBeNull();
});

test('ID-81: nobody gives what they do not hold, by a role, by its parent, directly, or by ending a denial', async () => {
  const deputy = fixture.granter(await fixture.addUser('DEPUTY'));
  const roleId = await fixture.addRole({ name: 'SPY', level: 20, permissions: ['audit:read:any'] });
  const plain = await fixture.addRole({ name: 'PLAIN', level: 20 });
  const userId = await fixture.addUser();
  const permission = 'audit:read:any';
  expect(await assign(deputy.userId, userId, 'SPY')).toBe('PERMISSION_NOT_HELD');
  expect(await codeOf(commands.setParent({ roleId: plain, parentId: roleId }, deputy))).toBe('PERMISSION_NOT_HELD');
  expect(await codeOf(commands.grantPermission({ roleId: plain, permission }, deputy))).toBe('PERMISSION_NOT_HELD');
  const grant = { userId, permission, effect: AccessEffect.ALLOW, expiresAt: null, reason: null };
  expect(await codeOf(direct.grant(grant, deputy))).toBe('PERMISSION_NOT_HELD');
  // To deny is to take: that needs no more than to stand above.
  const denial = { ...grant, effect: AccessEffect.DENY };
  expect(await codeOf(direct.grant(denial, deputy))).toBeNull();
  expect(await codeOf(direct.revoke(denial, deputy))).toBe('PERMISSION_NOT_HELD');
  expect(await codeOf(direct.revoke(denial, fixture.granter(adminId)))).toBeNull();
});

test('ID-81: nobody changes their own roles and permissions', async () => {
  const deputy = await fixture.addUser('DEPUTY');
  for (const by of [deputy, adminId]) {
    expect(await assign(by, by, 'SUPPORT')).toBe('OWN_ACCESS');
    expect(await unassign(by, by, 'SUPPORT')).toBe('OWN_ACCESS');
    const grant = {
      userId: by,
      permission: 'user:list:any',
      effect: AccessEffect.ALLOW,
      expiresAt: null,
      reason: null,
    };
    expect(await codeOf(direct.grant(grant, fixture.granter(by)))).toBe('OWN_ACCESS');
    expect(await codeOf(direct.revoke(grant, fixture.granter(by)))).toBe('OWN_ACCESS');
  }
});

test('ID-81: the role of the administrator stays as it is, and what the platform needs stays', async () => {
  const admin = fixture.granter(adminId);
  const roles: { id: string }[] = await fixture.database.query(
    `SELECT id FROM roles WHERE name IN ('ADMIN', 'MEMBER') ORDER BY level DESC`,
  );
  const [adminRole = '', member = ''] = roles.map(({ id }) => id);
  const permission = 'audit:read:any';
  expect(await codeOf(commands.revokePermission({ roleId: adminRole, permission }, admin))).toBe('ROLE_IS_SYSTEM');
  expect(await codeOf(commands.setParent({ roleId: adminRole, parentId: member }, admin))).toBe('ROLE_IS_SYSTEM');
  expect(await codeOf(commands.delete(member, admin))).toBe('ROLE_IS_SYSTEM');
  expect(await codeOf(commands.update({ roleId: member, level: 90 }, admin))).toBe('ROLE_IS_SYSTEM');
});

test('ID-81: the last administrator stays one: not for a time, not denied, not removed by one who is it for a time', async () => {
  for (const id of (await administrators()).filter((one) => one !== adminId))
    await fixture.database.query('DELETE FROM user_roles WHERE user_id = $1', [id]);
  const interim = await fixture.addUser();
  expect(await assign(adminId, interim, 'ADMIN', tomorrow())).toBeNull();
  expect(await unassign(interim, adminId, 'ADMIN')).toBe('LAST_ADMIN');
  expect(await assign(interim, adminId, 'ADMIN', tomorrow())).toBe('LAST_ADMIN');
  const denial = {
    userId: adminId,
    permission: 'role:write:any',
    effect: AccessEffect.DENY,
    expiresAt: null,
    reason: null,
  };
  expect(await codeOf(direct.grant(denial, fixture.granter(interim)))).toBe('LAST_ADMIN');
  // Nobody who was denied what it takes counts as one who is left.
  const second = await fixture.addUser('ADMIN');
  expect(await codeOf(direct.grant({ ...denial, userId: second }, fixture.granter(adminId)))).toBeNull();
  expect(await unassign(interim, adminId, 'ADMIN')).toBe('LAST_ADMIN');
  expect(await codeOf(direct.revoke({ ...denial, userId: second }, fixture.granter(adminId)))).toBeNull();
  expect(await unassign(interim, adminId, 'ADMIN')).toBeNull();
  expect(await assign(second, adminId, 'ADMIN')).toBeNull();
});

test('ID-81: one administrator is left when 20 remove each other at once, in 50 rounds', async () => {
  for (let round = 0; round < 50; round += 1) {
    await fixture.database.query(`DELETE FROM user_roles USING roles WHERE roles.id = role_id AND name = 'ADMIN'`);
    const made: { id: string }[] = await fixture.database.query(
      `WITH made AS (
         INSERT INTO users (id, display_name, sort_name, search_words, provisional)
         SELECT gen_random_uuid(), 'X', 'x', '{}', false FROM generate_series(1, 20) RETURNING id
       )
       INSERT INTO user_roles (user_id, role_id) SELECT made.id, roles.id FROM made, roles WHERE name = 'ADMIN'
       RETURNING user_id AS id`,
    );
    const all = made.map(({ id }) => id);
    // Who was removed before is refused with FORBIDDEN, by what the database says.
    const answers = await Promise.allSettled(
      all.map((by, index) => unassign(by, all[(index + 1) % 20] ?? '', 'ADMIN')),
    );
    const left = await administrators();
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBe(20 - answers.filter(({ status }) => status === 'fulfilled').length);
  }
  adminId = (await administrators())[0] ?? '';
}, 60_000);

test('a role that somebody has, or that another inherits from, is not deleted; one that nobody needs is', async () => {
  const admin = fixture.granter(adminId);
  const parent = await fixture.addRole({ name: 'PARENT', level: 5 });
  const { value } = await commands.create({ name: 'CHILD', description: 'x', level: 6, parentId: parent }, admin);
  const child = value?.id ?? '';
  const userId = await fixture.addUser('CHILD');
  expect(await codeOf(commands.delete(parent, admin))).toBe('ROLE_IN_USE');
  expect(await codeOf(commands.delete(child, admin))).toBe('ROLE_IN_USE');
  expect(await unassign(adminId, userId, 'CHILD')).toBeNull();
  expect(await codeOf(commands.delete(child, admin))).toBeNull();
  expect(await codeOf(commands.delete(parent, admin))).toBeNull();
  expect(await codeOf(commands.delete(parent, admin))).toBe('ROLE_NOT_FOUND');
});

test('what is refused changes nothing, is told where it is wrong, and is in the audit log', async () => {
  const admin = fixture.granter(adminId);
  const make = (changes: object) =>
    commands
      .create({ name: 'FINE', description: 'x', level: 5, ...changes }, admin)
      .then(({ userErrors }) => userErrors);
  const wrong = [
    [{ name: 'not fine' }, 'ROLE_NAME_INVALID', 'name'],
    [{ name: 'ADMIN' }, 'ROLE_NAME_TAKEN', 'name'],
    [{ description: ' ' }, 'ROLE_DESCRIPTION_INVALID', 'description'],
    [{ level: 0 }, 'ROLE_LEVEL_INVALID', 'level'],
    [{ parentId: uuidv7() }, 'ROLE_NOT_FOUND', 'parentId'],
    [{ parentId: 'x'.repeat(1_000) }, 'ROLE_NOT_FOUND', 'parentId'],
  ] as const;
  for (const [changes, code, field] of wrong)
    expect(await make(changes)).toEqual([expect.objectContaining({ code, path: ['input', field] })]);
  expect(await fixture.database.query(`SELECT FROM roles WHERE name = 'FINE'`)).toEqual([]);
  const rows: { data: { details: object } }[] = await fixture.database.query(
    `SELECT envelope->'data' AS data FROM outbox
      WHERE envelope->'data'->>'action' = 'role.created' AND envelope->'data'->>'outcome' = 'denied' ORDER BY id`,
  );
  expect(rows.slice(-wrong.length).map(({ data }) => data.details)).toEqual(
    wrong.map(([, code]) => expect.objectContaining({ code })),
  );
});
