import { isUuid, uuidv7 } from '@orion/platform/ids';
import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { DataSource, EntityManager } from 'typeorm';
import { oweEverybody, owePeopleOfRoles } from '../permission/announcement.js';
import { ADMIN, isBelow } from '../permission/authority.js';
import type { Authority, Granter } from '../permission/authority.js';
import { changeAccess } from '../permission/change-access.js';
import type { AccessAnswer } from '../permission/change-access.js';
import { isFuture, refusalOfPermission } from '../permission/grantable.js';
import { AccessEffect } from '../permission/permission-grant.types.js';
import { ADMINISTRATION } from '../role/last-administrator.js';
import { Role } from '../role/role.entity.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { Policy } from './policy.entity.js';
import type { CreatePolicyInput, UpdatePolicyInput } from './policy.types.js';
import { readCondition } from './read-condition.js';

const WRITE = 'policy:write:any';
const LONGEST_NAME = 100;

/** Reads, makes, changes and deletes policies. Whom one concerns learns of it by an announcement. */
export class PolicyService {
  /** Policies by id in one statement, null where there is none. */
  readonly byId: BatchLoad<string, Policy | null>;

  constructor(private readonly database: DataSource) {
    this.byId = loadById(database.manager, Policy);
  }

  page(request: PageRequest): Promise<Connection<Policy>> {
    return loadOrderedPage(this.database.manager, Policy, {
      request,
      column: 'name',
      direction: 'ASC',
      where: ['true'],
      parameters: [],
    });
  }

  create(input: CreatePolicyInput, granter: Granter): Promise<AccessAnswer<Policy>> {
    const { name, effect, permission, roleId = null, enabled, expiresAt = null } = input;
    const id = uuidv7();
    const details = { name, effect, permission, roleId, enabled, condition: input.condition };
    return this.#change(granter, { action: 'policy.created', id, details }, async (manager, authority) => {
      const read = readCondition(input.condition);
      if (!('condition' in read)) return { fault: conditionFault(read) };
      const now = new Date();
      const fields = { name, effect, permission, roleId, enabled, expiresAt, condition: read.condition };
      const policy = { id, ...fields, createdAt: now, updatedAt: now };
      const fault = await this.#refusal(manager, policy, authority);
      if (fault !== null) return { fault };
      await manager.insert(Policy, policy);
      return this.#changed(manager, policy);
    });
  }

  update(input: UpdatePolicyInput, granter: Granter): Promise<AccessAnswer<Policy>> {
    const id = input.policyId;
    const details = { name: input.name, enabled: input.enabled, condition: input.condition };
    return this.#change(granter, { action: 'policy.updated', id, details }, async (manager, authority) => {
      const policy = await this.#find(manager, id);
      if (policy === null) return { fault: userError('POLICY_NOT_FOUND', ['input', 'policyId']) };
      const read = input.condition == null ? { condition: policy.condition } : readCondition(input.condition);
      if (!('condition' in read)) return { fault: conditionFault(read) };
      const next = {
        ...policy,
        name: input.name ?? policy.name,
        enabled: input.enabled ?? policy.enabled,
        expiresAt: input.expiresAt === undefined ? policy.expiresAt : input.expiresAt,
        condition: read.condition,
        updatedAt: new Date(),
      };
      const fault = await this.#refusal(manager, next, authority, policy);
      if (fault !== null) return { fault };
      const { name, enabled, expiresAt, condition, updatedAt } = next;
      await manager.update(Policy, id, { name, enabled, expiresAt, condition, updatedAt });
      return this.#changed(manager, next);
    });
  }

  delete(id: string, granter: Granter): Promise<AccessAnswer<Policy>> {
    return this.#change(granter, { action: 'policy.deleted', id, details: {} }, async (manager, authority) => {
      const policy = await this.#find(manager, id);
      if (policy === null) return { fault: userError('POLICY_NOT_FOUND', ['input', 'policyId']) };
      const fault = await this.#refusalOfReach(manager, policy, authority, ['input', 'policyId']);
      if (fault !== null) return { fault };
      // To take a denial away is to give.
      if (policy.effect === AccessEffect.DENY && !authority.held.has(policy.permission))
        return { fault: userError('PERMISSION_NOT_HELD', ['input', 'policyId']) };
      await manager.delete(Policy, id);
      return this.#changed(manager, policy);
    });
  }

  #change(
    granter: Granter,
    { action, id, details }: { action: string; id: string; details: Readonly<Record<string, unknown>> },
    work: Parameters<typeof changeAccess<Policy>>[2],
  ): Promise<AccessAnswer<Policy>> {
    const request = { granter, permission: WRITE, action, target: { type: 'policy', id }, details };
    return changeAccess(this.database, request, work);
  }

  async #find(manager: EntityManager, id: string): Promise<Policy | null> {
    return isUuid(id) ? manager.findOneBy(Policy, { id }) : null;
  }

  async #refusal(
    manager: EntityManager,
    policy: Policy,
    authority: Authority,
    before: Policy | null = null,
  ): Promise<UserError | null> {
    const { id, name, permission, effect, expiresAt } = policy;
    const length = [...name.trim()].length;
    if (length === 0 || length > LONGEST_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(name))
      return userError('POLICY_NAME_INVALID', ['input', 'name']);
    const taken = await manager.findOneBy(Policy, { name });
    if (taken !== null && taken.id !== id) return userError('POLICY_NAME_TAKEN', ['input', 'name']);
    const refusal = await refusalOfPermission(manager, permission);
    if (refusal !== null) return userError(refusal, ['input', 'permission']);
    // To change a denial may be to end it, which is to give.
    const gives = effect === AccessEffect.ALLOW || before !== null;
    if (gives && !authority.held.has(permission)) return userError('PERMISSION_NOT_HELD', ['input', 'permission']);
    // A policy that has ended may be changed, and stays ended.
    if (expiresAt?.getTime() !== before?.expiresAt?.getTime() && !isFuture(expiresAt))
      return userError('EXPIRY_INVALID', ['input', 'expiresAt']);
    const fault = await this.#refusalOfReach(manager, policy, authority, ['input', 'roleId']);
    if (fault !== null) return fault;
    const locksOut = effect === AccessEffect.DENY && ADMINISTRATION.includes(permission);
    return locksOut && (await concernsAdministrators(manager, policy.roleId))
      ? userError('POLICY_LOCKS_OUT', ['input', 'permission'])
      : null;
  }

  async #refusalOfReach(
    manager: EntityManager,
    { roleId }: Policy,
    authority: Authority,
    path: readonly string[],
  ): Promise<UserError | null> {
    if (roleId === null) return authority.isAdmin ? null : userError('POLICY_FOR_EVERYBODY', path);
    const role = isUuid(roleId) ? await manager.findOneBy(Role, { id: roleId }) : null;
    if (role === null) return userError('ROLE_NOT_FOUND', path);
    return isBelow(authority, role.level) ? null : userError('ROLE_LEVEL_TOO_HIGH', path);
  }

  async #changed(manager: EntityManager, policy: Policy) {
    await (policy.roleId === null ? oweEverybody(manager) : owePeopleOfRoles(manager, [policy.roleId]));
    return { value: policy, isChange: true };
  }
}

/** Also by way of a role that theirs inherits from. */
async function concernsAdministrators(manager: EntityManager, roleId: string | null): Promise<boolean> {
  if (roleId === null) return true;
  const rows: unknown[] = await manager.query(
    'SELECT FROM role_closure JOIN roles ON roles.id = descendant_id WHERE ancestor_id = $1 AND name = $2',
    [roleId, ADMIN],
  );
  return rows.length > 0;
}

function conditionFault({ path, message }: { readonly path: readonly string[]; readonly message: string }): UserError {
  return userError('CONDITION_INVALID', ['input', 'condition', ...path], `The condition is not usable: ${message}.`);
}
