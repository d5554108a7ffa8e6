import { isUuid, uuidv7 } from '@orion/platform/ids';
import type { DataSource, EntityManager } from 'typeorm';
import { owePeopleOfRoles } from '../permission/announcement.js';
import { ADMIN, isBelow } from '../permission/authority.js';
import type { Authority, Granter } from '../permission/authority.js';
import { changeAccess } from '../permission/change-access.js';
import type { AccessAnswer, AccessOutcome } from '../permission/change-access.js';
import { lackedOfRole, refusalOfPermission } from '../permission/grantable.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { faultsOfRole } from './role-fields.js';
import { moveRole } from './role-hierarchy.js';
import { Role } from './role.entity.js';
import type {
  CreateRoleInput,
  GrantPermissionToRoleInput,
  RevokePermissionFromRoleInput,
  SetRoleParentInput,
  UpdateRoleInput,
} from './role-command.types.js';

const ROLES = 'role:write:any';
const PERMISSIONS = 'permission:write:any';

/** Makes, changes and deletes roles. Whom it concerns learns of it by an announcement. */
export class RoleCommandService {
  constructor(private readonly database: DataSource) {}

  create(input: CreateRoleInput, granter: Granter): Promise<AccessAnswer<Role>> {
    const id = uuidv7();
    const { name, description, level, parentId = null } = input;
    const request = this.#request(granter, ROLES, { action: 'role.created', id, details: { name, level, parentId } });
    return changeAccess(this.database, request, async (manager, authority) => {
      const fault = await faultsOfRole(manager, { id, name, description, level }, authority);
      if (fault !== null) return { fault };
      await manager.insert(Role, { id, name, description, level, isSystem: false, parentId: null });
      await manager.query('INSERT INTO role_closure (ancestor_id, descendant_id, depth) VALUES ($1, $1, 0)', [id]);
      if (parentId === null) return this.#changed(manager, id);
      const refusal = await this.#adopt(manager, { id, level, parentId }, authority);
      if (refusal === null) return this.#changed(manager, id);
      await manager.delete(Role, id);
      return { fault: refusal };
    });
  }

  update(input: UpdateRoleInput, granter: Granter): Promise<AccessAnswer<Role>> {
    const { roleId } = input;
    const details = { name: input.name, level: input.level };
    const request = this.#request(granter, ROLES, { action: 'role.updated', id: roleId, details });
    return changeAccess(this.database, request, async (manager, authority) => {
      const role = await this.#find(manager, roleId, authority, { allowSystem: false });
      if (!(role instanceof Role)) return { fault: role };
      const next = {
        id: roleId,
        name: input.name ?? role.name,
        description: input.description ?? role.description,
        level: input.level ?? role.level,
      };
      const fault = await faultsOfRole(manager, next, authority);
      if (fault !== null) return { fault };
      const { name, description, level } = next;
      await manager.update(Role, roleId, { name, description, level });
      // The rank of those who have it is announced as well.
      if (level !== role.level) await owePeopleOfRoles(manager, [roleId]);
      return this.#changed(manager, roleId);
    });
  }

  delete(roleId: string, granter: Granter): Promise<AccessAnswer<string>> {
    const request = this.#request(granter, ROLES, { action: 'role.deleted', id: roleId, details: {} });
    return changeAccess(this.database, request, async (manager, authority) => {
      const role = await this.#find(manager, roleId, authority, { allowSystem: false });
      if (!(role instanceof Role)) return { fault: role };
      const [taken]: [unknown[], number] = await manager.query(
        `DELETE FROM roles WHERE id = $1
            AND NOT EXISTS (SELECT FROM user_roles WHERE role_id = $1)
            AND NOT EXISTS (SELECT FROM roles child WHERE child.parent_id = $1)
          RETURNING id`,
        [roleId],
      );
      if (taken.length === 0) return { fault: userError('ROLE_IN_USE', ['input', 'roleId']) };
      return { value: roleId, isChange: true };
    });
  }

  setParent({ roleId, parentId = null }: SetRoleParentInput, granter: Granter): Promise<AccessAnswer<Role>> {
    const request = this.#request(granter, ROLES, { action: 'role.parent_set', id: roleId, details: { parentId } });
    return changeAccess(this.database, request, async (manager, authority) => {
      const role = await this.#find(manager, roleId, authority, { allowSystem: true });
      if (!(role instanceof Role)) return { fault: role };
      if (role.parentId === parentId) return { value: role, isChange: false };
      const fault =
        parentId === null
          ? await this.#orphan(manager, roleId)
          : await this.#adopt(manager, { id: roleId, level: role.level, parentId }, authority);
      if (fault !== null) return { fault };
      await owePeopleOfRoles(manager, [roleId]);
      return this.#changed(manager, roleId);
    });
  }

  grantPermission({ roleId, permission }: GrantPermissionToRoleInput, granter: Granter): Promise<AccessAnswer<Role>> {
    const details = { permission };
    const request = this.#request(granter, PERMISSIONS, { action: 'role.permission_granted', id: roleId, details });
    return changeAccess(this.database, request, async (manager, authority) => {
      const role = await this.#find(manager, roleId, authority, { allowSystem: true });
      if (!(role instanceof Role)) return { fault: role };
      const refusal = await refusalOfPermission(manager, permission);
      if (refusal !== null) return { fault: userError(refusal, ['input', 'permission']) };
      if (!authority.held.has(permission)) return { fault: userError('PERMISSION_NOT_HELD', ['input', 'permission']) };
      const rows: unknown[] = await manager.query(
        'INSERT INTO role_permissions (role_id, permission) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING role_id',
        [roleId, permission],
      );
      if (rows.length > 0) await owePeopleOfRoles(manager, [roleId]);
      return { value: role, isChange: rows.length > 0 };
    });
  }

  revokePermission(
    { roleId, permission }: RevokePermissionFromRoleInput,
    granter: Granter,
  ): Promise<AccessAnswer<Role>> {
    const details = { permission };
    const request = this.#request(granter, PERMISSIONS, { action: 'role.permission_revoked', id: roleId, details });
    return changeAccess(this.database, request, async (manager, authority) => {
      const role = await this.#find(manager, roleId, authority, { allowSystem: true });
      if (!(role instanceof Role)) return { fault: role };
      const [taken]: [unknown[], number] = await manager.query(
        'DELETE FROM role_permissions WHERE role_id = $1 AND permission = $2 RETURNING role_id',
        [roleId, permission],
      );
      if (taken.length > 0) await owePeopleOfRoles(manager, [roleId]);
      return { value: role, isChange: taken.length > 0 };
    });
  }

  #request(
    granter: Granter,
    permission: string,
    { action, id, details }: { action: string; id: string; details: Readonly<Record<string, unknown>> },
  ) {
    return { granter, permission, action, target: { type: 'role', id }, details };
  }

  /** A role that the authority may change. */
  async #find(
    manager: EntityManager,
    id: string,
    authority: Authority,
    { allowSystem }: { readonly allowSystem: boolean },
  ): Promise<Role | UserError> {
    const role = isUuid(id) ? await manager.findOneBy(Role, { id }) : null;
    if (role === null) return userError('ROLE_NOT_FOUND', ['input', 'roleId']);
    if (!isBelow(authority, role.level)) return userError('ROLE_LEVEL_TOO_HIGH', ['input', 'roleId']);
    // What an administrator may do is for the platform to say: without it nobody could mend anything.
    if (role.name === ADMIN || (role.isSystem && !allowSystem)) return userError('ROLE_IS_SYSTEM', ['input', 'roleId']);
    return role;
  }

  /** Lets a role inherit from another one. */
  async #adopt(
    manager: EntityManager,
    { id, level, parentId }: { readonly id: string; readonly level: number; readonly parentId: string },
    authority: Authority,
  ): Promise<UserError | null> {
    const path = ['input', 'parentId'];
    const parent = isUuid(parentId) ? await manager.findOneBy(Role, { id: parentId }) : null;
    if (parent === null) return userError('ROLE_NOT_FOUND', path);
    if (!isBelow(authority, parent.level)) return userError('ROLE_LEVEL_TOO_HIGH', path);
    if ((await lackedOfRole(manager, authority, parentId)).length > 0) return userError('PERMISSION_NOT_HELD', path);
    // A circle is told as one, though its levels may be in order.
    const isAbove = parent.level > level && parent.id !== id;
    if (isAbove) return userError('PARENT_LEVEL_TOO_HIGH', path);
    const refusal = await moveRole(manager, id, parentId);
    return refusal === null ? null : userError(refusal, path);
  }

  async #orphan(manager: EntityManager, id: string): Promise<null> {
    await moveRole(manager, id, null);
    return null;
  }

  async #changed(manager: EntityManager, id: string): Promise<AccessOutcome<Role>> {
    return { value: await manager.findOneByOrFail(Role, { id }), isChange: true };
  }
}
