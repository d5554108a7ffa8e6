import { forbidden } from '@orion/platform/errors';
import { roleAssigned, roleRevoked } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { DataSource, EntityManager } from 'typeorm';
import { readKeysOfUsers } from './permission.service.js';
import { Role } from './role.entity.js';
import type { roleErrors } from './role.errors.js';
import { UserRoleGrant } from './user-role.entity.js';

const ADMIN = 'ADMIN';
const MEMBER = 'MEMBER';
const WRITE = 'role:write:any';

/** A role to give to, or to take from, a user who exists. */
export interface RoleChange {
  readonly userId: string;
  readonly role: string;
}

/** Why a role was neither given nor taken; null when it was, or when there was nothing to do. */
export type RoleRefusal = Exclude<keyof typeof roleErrors, 'USER_NOT_FOUND'> | null;

/**
 * Gives and takes roles. Every change of somebody's permissions is announced, in the same transaction, with all that
 * they may do afterwards.
 */
export class RoleGrantService {
  constructor(private readonly database: DataSource) {}

  /** Throws FORBIDDEN when the granter has lost the permission since the token was issued. */
  assign(change: RoleChange, { by }: { readonly by: string }): Promise<RoleRefusal> {
    return this.database.transaction(async (manager) => {
      const { role, refusal } = await authorise(manager, change.role, by);
      if (role === null) return refusal;
      if (await grant(manager, change, { by })) await announce(manager, roleAssigned, change);
      return null;
    });
  }

  /** Throws FORBIDDEN when the granter has lost the permission since the token was issued. */
  unassign(change: RoleChange, { by }: { readonly by: string }): Promise<RoleRefusal> {
    return this.database.transaction(async (manager) => {
      const { role, refusal } = await authorise(manager, change.role, by);
      if (role === null) return refusal;
      const grants = { userId: change.userId, roleId: role.id };
      if (!(await manager.existsBy(UserRoleGrant, grants))) return null;
      // The role is locked, so nobody else can take it from another administrator meanwhile.
      if (role.name === ADMIN && (await manager.countBy(UserRoleGrant, { roleId: role.id })) === 1) return 'LAST_ADMIN';
      await manager.delete(UserRoleGrant, grants);
      await announce(manager, roleRevoked, change);
      return null;
    });
  }

  /** Makes somebody an administrator by order of the system. */
  async grantAdministrator(manager: EntityManager, userId: string): Promise<void> {
    const change = { userId, role: ADMIN };
    if (await grant(manager, change, { by: null })) await announce(manager, roleAssigned, change);
  }

  /** Gives the role that everybody has, with a new profile. */
  async grantMember(manager: EntityManager, userId: string): Promise<void> {
    const change = { userId, role: MEMBER };
    await grant(manager, change, { by: null });
    const [keys = []] = await readKeysOfUsers(manager, [userId]);
    // Nobody takes a new user to have any permission, so that there are none is no news.
    if (keys.length > 0) await announce(manager, roleAssigned, change);
  }

  /** Makes up for announcements that are owed: of permissions that a migration gave to a role. */
  announceOwed(): Promise<void> {
    return this.database.transaction(async (manager) => {
      const owed: RoleChange[] = await manager.query(
        `SELECT version.user_id AS "userId",
                (SELECT name FROM user_roles JOIN roles ON roles.id = role_id
                  WHERE user_roles.user_id = version.user_id ORDER BY level DESC LIMIT 1) AS role
           FROM permission_versions version WHERE NOT is_announced
          ORDER BY user_id FOR UPDATE OF version SKIP LOCKED`,
      );
      for (const { userId, role } of owed) await announce(manager, roleAssigned, { userId, role });
    });
  }
}

/** Locks the role against other changes of who has it, and checks in the database, not in the token, who asks. */
async function authorise(
  manager: EntityManager,
  name: string,
  by: string,
): Promise<{ readonly role: Role; readonly refusal: null } | { readonly role: null; readonly refusal: RoleRefusal }> {
  const role = await manager.findOne(Role, { where: { name }, lock: { mode: 'for_no_key_update' } });
  const [keys = []] = await readKeysOfUsers(manager, [by]);
  if (!keys.includes(WRITE)) throw forbidden(WRITE);
  if (role === null) return { role, refusal: 'ROLE_NOT_FOUND' };
  const [highest]: { readonly level: number | null }[] = await manager.query(
    'SELECT max(level) AS level FROM user_roles JOIN roles ON roles.id = role_id WHERE user_id = $1',
    [by],
  );
  return (highest?.level ?? -1) >= role.level
    ? { role, refusal: null }
    : { role: null, refusal: 'ROLE_LEVEL_TOO_HIGH' };
}

/** False when they have it already. */
async function grant(
  manager: EntityManager,
  { userId, role }: RoleChange,
  { by }: { readonly by: string | null },
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `INSERT INTO user_roles (user_id, role_id, granted_by) SELECT $1, id, $3 FROM roles WHERE name = $2
     ON CONFLICT DO NOTHING RETURNING role_id`,
    [userId, role, by],
  );
  return rows.length === 1;
}

/**
 * The row of the version is locked until the commit, and the permissions are read after that: of two changes at once,
 * the one with the higher version has seen the other.
 */
async function announce(
  manager: EntityManager,
  contract: typeof roleAssigned,
  { userId, role }: RoleChange,
): Promise<void> {
  const [row]: { readonly version: number }[] = await manager.query(
    `INSERT INTO permission_versions AS current (user_id, version) VALUES ($1, 1)
     ON CONFLICT (user_id) DO UPDATE SET version = current.version + 1, is_announced = true RETURNING version`,
    [userId],
  );
  if (row === undefined) throw new Error(`no permission version for ${userId}`);
  const [permissions = []] = await readKeysOfUsers(manager, [userId]);
  await publish(manager, [contract.of({ userId, role, permissions: [...permissions], version: row.version })]);
}
