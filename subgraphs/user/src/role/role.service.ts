import { camelCaseKeys } from '@orion/platform/database';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { Role } from './role.entity.js';
import type { UserRole } from './role.types.js';

/** Reads roles and who has them. */
export class RoleService {
  /** Roles by id in one statement, null where there is none. */
  readonly byId: BatchLoad<string, Role | null>;

  constructor(private readonly manager: EntityManager) {
    this.byId = loadById(manager, Role);
  }

  /** The roles of many users in one statement, highest level first. */
  readonly rolesOfUsers: BatchLoad<string, readonly UserRole[]> = async (userIds) => {
    const rows: Record<string, unknown>[] = await this.manager.query(
      `SELECT given.user_id, given.granted_by, given.granted_at, given.expires_at, role.*
         FROM user_roles given JOIN roles role ON role.id = given.role_id
        WHERE given.user_id = ANY($1::uuid[]) AND (given.expires_at IS NULL OR given.expires_at > clock_timestamp())
        ORDER BY role.level DESC, role.id`,
      [userIds],
    );
    const byUser = new Map<string, UserRole[]>(userIds.map((userId) => [userId, []]));
    for (const { user_id, granted_by, granted_at, expires_at, ...role } of rows) {
      byUser.get(user_id as string)?.push({
        role: camelCaseKeys<Role>(role),
        grantedAt: granted_at as Date,
        expiresAt: expires_at as Date | null,
        grantedById: granted_by as string | null,
      });
    }
    return userIds.map((userId) => byUser.get(userId) ?? []);
  };

  /** What many roles inherit from, the nearest first. */
  readonly ancestorsOf: BatchLoad<string, readonly Role[]> = async (roleIds) => {
    const rows: Record<string, unknown>[] = await this.manager.query(
      `SELECT descendant_id AS owner, role.* FROM role_closure JOIN roles role ON role.id = ancestor_id
        WHERE descendant_id = ANY($1::uuid[]) AND depth > 0 ORDER BY depth`,
      [roleIds],
    );
    const byRole = new Map<string, Role[]>(roleIds.map((id) => [id, []]));
    for (const { owner, ...role } of rows) byRole.get(String(owner))?.push(camelCaseKeys<Role>(role));
    return roleIds.map((id) => byRole.get(id) ?? []);
  };

  /** How many users have many roles, not counting who inherits. */
  readonly memberCounts: BatchLoad<string, number> = async (roleIds) => {
    const rows: { readonly id: string; readonly count: number }[] = await this.manager.query(
      `SELECT role_id AS id, count(*)::int AS count FROM user_roles
        WHERE role_id = ANY($1::uuid[]) AND (expires_at IS NULL OR expires_at > clock_timestamp()) GROUP BY role_id`,
      [roleIds],
    );
    const counts = new Map(rows.map(({ id, count }) => [id, count]));
    return roleIds.map((id) => counts.get(id) ?? 0);
  };

  page(request: PageRequest): Promise<Connection<Role>> {
    return loadOrderedPage(this.manager, Role, {
      request,
      column: 'level',
      direction: 'DESC',
      where: ['true'],
      parameters: [],
    });
  }
}
