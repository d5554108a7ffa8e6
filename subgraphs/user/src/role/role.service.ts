import type { BatchLoad } from '@orion/platform/loading';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { EntityManager } from 'typeorm';
import { Role } from './role.entity.js';
import type { UserRole } from './role.types.js';

interface RoleOfUserRow extends Role {
  readonly userId: string;
  readonly grantedBy: string | null;
  readonly grantedAt: Date;
}

/** Reads roles and who has them. */
export class RoleService {
  constructor(private readonly manager: EntityManager) {}

  /** The roles of many users in one statement, highest level first. */
  readonly rolesOfUsers: BatchLoad<string, readonly UserRole[]> = async (userIds) => {
    const rows: RoleOfUserRow[] = await this.manager.query(
      `SELECT grant_.user_id AS "userId", grant_.granted_by AS "grantedBy", grant_.granted_at AS "grantedAt",
              role.id, role.name, role.level, role.description, role.is_system AS "isSystem"
         FROM user_roles grant_ JOIN roles role ON role.id = grant_.role_id
        WHERE grant_.user_id = ANY($1::uuid[])
        ORDER BY role.level DESC, role.id`,
      [userIds],
    );
    const byUser = new Map<string, UserRole[]>(userIds.map((userId) => [userId, []]));
    for (const { userId, grantedBy, grantedAt, ...role } of rows) {
      byUser.get(userId)?.push({ role, grantedAt, grantedById: grantedBy });
    }
    return userIds.map((userId) => byUser.get(userId) ?? []);
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
