import type { DataSource, EntityManager } from 'typeorm';
import { lockAccessOfUser } from '../permission/access-lock.js';
import { grantsOf, readAccessSources } from '../permission/access-sources.js';
import { endLater, settleOwed } from '../permission/access-upkeep.js';
import { announce } from '../permission/announcement.js';
import { ADMIN, isBelow, reachesUser } from '../permission/authority.js';
import type { Authority, Granter } from '../permission/authority.js';
import { changeAccess } from '../permission/change-access.js';
import type { AccessAnswer } from '../permission/change-access.js';
import { isFuture, lackedOfRole } from '../permission/grantable.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { refusalOfLosing } from './last-administrator.js';
import { Role } from './role.entity.js';

const MEMBER = 'MEMBER';
const WRITE = 'role:write:any';

/** A role to give to a user who exists. */
export interface RoleAssignment {
  readonly userId: string;
  readonly role: string;
  /** Null: until it is taken. */
  readonly expiresAt: Date | null;
}

/**
 * Gives and takes roles. Every change of somebody's permissions is announced, in the same transaction, with all that
 * they may do afterwards.
 */
export class RoleGrantService {
  constructor(private readonly database: DataSource) {}

  /** Throws FORBIDDEN when the granter has lost the permission since the token was issued. */
  assign(assignment: RoleAssignment, granter: Granter): Promise<AccessAnswer<true>> {
    const { userId, role: name, expiresAt } = assignment;
    const request = {
      granter,
      permission: WRITE,
      action: 'role.assigned',
      target: { type: 'user', id: userId },
      details: { role: name, expiresAt: expiresAt?.toISOString() ?? null },
    };
    return changeAccess(this.database, request, async (manager, authority) => {
      const checked = await this.#check(manager, { userId, name }, authority);
      if (!(checked instanceof Role)) return { fault: checked };
      const fault = await this.#refusalOfGiving(manager, checked, assignment, authority);
      if (fault !== null) return { fault };
      return { value: true, isChange: await this.give(manager, assignment, granter.userId) };
    });
  }

  /** Throws FORBIDDEN when the granter has lost the permission since the token was issued. */
  unassign({ userId, role: name }: Omit<RoleAssignment, 'expiresAt'>, granter: Granter): Promise<AccessAnswer<true>> {
    const target = { type: 'user', id: userId };
    const request = { granter, permission: WRITE, action: 'role.unassigned', target, details: { role: name } };
    return changeAccess(this.database, request, async (manager, authority) => {
      const role = await this.#check(manager, { userId, name }, authority);
      if (!(role instanceof Role)) return { fault: role };
      if (role.name === ADMIN && (await refusalOfLosing(manager, userId)) !== null)
        return { fault: userError('LAST_ADMIN', ['input', 'userId']) };
      const [taken]: [unknown[], number] = await manager.query(
        'DELETE FROM user_roles WHERE user_id = $1 AND role_id = $2 RETURNING role_id',
        [userId, role.id],
      );
      if (taken.length > 0) await announce(manager, [{ userId, what: 'role revoked', role: name }]);
      return { value: true, isChange: taken.length > 0 };
    });
  }

  /** Makes somebody an administrator by order of the system. */
  async grantAdministrator(manager: EntityManager, userId: string): Promise<void> {
    await lockAccessOfUser(manager);
    await this.give(manager, { userId, role: ADMIN, expiresAt: null }, null);
  }

  /** Gives the role that everybody has, with a new profile. */
  async grantMember(manager: EntityManager, userId: string): Promise<void> {
    await lockAccessOfUser(manager);
    await insertGrant(manager, { userId, role: MEMBER, expiresAt: null }, null);
    const [sources] = await readAccessSources(manager, [userId]);
    const { permissions = [], rules = [] } = sources === undefined ? {} : grantsOf(sources, 0);
    // Nobody takes a new user to have any permission, so that there are none is no news.
    if (permissions.length + rules.length > 0)
      await announce(manager, [{ userId, what: 'role assigned', role: MEMBER }]);
  }

  /** Gives a role without asking who may. False when they have it like that already. Under one of the access locks. */
  async give(manager: EntityManager, assignment: RoleAssignment, by: string | null): Promise<boolean> {
    const { userId, role, expiresAt } = assignment;
    if (!(await insertGrant(manager, assignment, by))) return false;
    await endLater(manager, userId, expiresAt);
    await announce(manager, [{ userId, what: 'role assigned', role }]);
    return true;
  }

  /** Makes up for announcements that are owed: of permissions that a migration gave to a role. */
  announceOwed(): Promise<void> {
    return settleOwed(this.database);
  }

  async #check(
    manager: EntityManager,
    { userId, name }: { readonly userId: string; readonly name: string },
    authority: Authority,
  ): Promise<Role | UserError> {
    const role = await manager.findOneBy(Role, { name });
    if (role === null) return userError('ROLE_NOT_FOUND', ['input', 'role']);
    if (userId === authority.userId) return userError('OWN_ACCESS', ['input', 'userId']);
    if (!isBelow(authority, role.level)) return userError('ROLE_LEVEL_TOO_HIGH', ['input', 'role']);
    return (await reachesUser(manager, authority, userId))
      ? role
      : userError('USER_LEVEL_TOO_HIGH', ['input', 'userId']);
  }

  async #refusalOfGiving(
    manager: EntityManager,
    role: Role,
    { userId, expiresAt }: RoleAssignment,
    authority: Authority,
  ): Promise<UserError | null> {
    if (!isFuture(expiresAt)) return userError('EXPIRY_INVALID', ['input', 'expiresAt']);
    if ((await lackedOfRole(manager, authority, role.id)).length > 0)
      return userError('PERMISSION_NOT_HELD', ['input', 'role']);
    // For a time, to one who has it for good.
    return role.name === ADMIN && expiresAt !== null && (await refusalOfLosing(manager, userId)) !== null
      ? userError('LAST_ADMIN', ['input', 'expiresAt'])
      : null;
  }
}

async function insertGrant(
  manager: EntityManager,
  { userId, role, expiresAt }: RoleAssignment,
  by: string | null,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `INSERT INTO user_roles AS given (user_id, role_id, granted_by, expires_at)
     SELECT $1, id, $3, $4 FROM roles WHERE name = $2
     ON CONFLICT (user_id, role_id) DO UPDATE
       SET expires_at = excluded.expires_at, granted_by = excluded.granted_by, granted_at = now()
     WHERE given.expires_at IS DISTINCT FROM excluded.expires_at
     RETURNING role_id`,
    [userId, role, by, expiresAt],
  );
  return rows.length === 1;
}
