import { permissionsNow } from '@orion/platform/access';
import { isUuid, uuidv7 } from '@orion/platform/ids';
import { loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { DataSource, EntityManager } from 'typeorm';
import { faultOfDraft } from '../api-key/api-key-draft.js';
import type { ApiKeyDraft } from '../api-key/api-key-draft.js';
import { insertKey } from '../api-key/api-key-store.js';
import type { NewApiKey } from '../api-key/api-key-store.js';
import type { DeletionService } from '../deletion/deletion.service.js';
import { grantsOf, readAccessSources } from '../permission/access-sources.js';
import { isBelow, reachesUser } from '../permission/authority.js';
import type { Authority, Granter } from '../permission/authority.js';
import { changeAccess } from '../permission/change-access.js';
import type { AccessAnswer } from '../permission/change-access.js';
import { lackedOfRole } from '../permission/grantable.js';
import { foldText } from '../profile/search-words.js';
import { UserKind } from '../profile/user-kind.js';
import { User } from '../profile/user.entity.js';
import type { RoleGrantService } from '../role/role-grant.service.js';
import { Role } from '../role/role.entity.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';

const WRITE = 'service-account:write:any';
const LONGEST_NAME = 80;

/** Programs under a name of their own: users without credentials, who have roles and API keys and outlive their makers. */
export class ServiceAccountService {
  constructor(
    private readonly database: DataSource,
    private readonly grants: RoleGrantService,
    private readonly deletions: Pick<DeletionService, 'deletePerson'>,
  ) {}

  page(request: PageRequest): Promise<Connection<User>> {
    return loadOrderedPage(this.database.manager, User, {
      request,
      column: 'sort_name',
      direction: 'ASC',
      where: [`t.kind = '${UserKind.SERVICE}' AND t.deleted_at IS NULL`],
      parameters: [],
    });
  }

  create(name: string, roles: readonly string[], granter: Granter): Promise<AccessAnswer<User>> {
    const id = uuidv7();
    const target = { type: 'user', id };
    const details = { name, roles };
    const request = { granter, permission: WRITE, action: 'service_account.created', target, details };
    return changeAccess(this.database, request, async (manager, authority) => {
      const length = [...name.trim()].length;
      if (length === 0 || length > LONGEST_NAME || /[\p{C}\p{Zl}\p{Zp}]/u.test(name))
        return { fault: userError('SERVICE_ACCOUNT_NAME_INVALID', ['input', 'name']) };
      const fault = await faultOfRoles(manager, roles, authority);
      if (fault !== null) return { fault };
      // Without words to find it by: it is no person whom people look for.
      const fields = { displayName: name, sortName: foldText(name), searchWords: [], provisional: false };
      await manager.insert(User, { id, kind: UserKind.SERVICE, ...fields });
      for (const role of new Set(roles))
        await this.grants.give(manager, { userId: id, role, expiresAt: null }, granter.userId);
      return { value: await manager.findOneByOrFail(User, { id }), isChange: true };
    });
  }

  delete(id: string, granter: Granter): Promise<AccessAnswer<string>> {
    const target = { type: 'user', id };
    const request = { granter, permission: WRITE, action: 'service_account.deleted', target };
    return changeAccess(this.database, request, async (manager, authority) => {
      const account = await findReachable(manager, id, authority);
      if (!(account instanceof User)) return { fault: account };
      await this.deletions.deletePerson(manager, account.id, { actor: granter.actor, reason: null });
      return { value: account.id, isChange: true };
    });
  }

  createKey(id: string, draft: ApiKeyDraft, granter: Granter): Promise<AccessAnswer<NewApiKey>> {
    const target = { type: 'user', id };
    const request = { granter, permission: WRITE, action: 'api_key.created', target, details: { name: draft.name } };
    return changeAccess(this.database, request, async (manager, authority) => {
      const account = await findReachable(manager, id, authority);
      if (!(account instanceof User)) return { fault: account };
      const [sources] = await readAccessSources(manager, [account.id]);
      const { now } = granter.circumstances;
      const alone = { now, ip: null, userAgent: null, methods: [], authenticatedAt: 0 };
      const held = new Set(sources === undefined ? [] : permissionsNow(grantsOf(sources, 0), alone));
      const isGrantable = (permission: string): boolean => held.has(permission) && authority.held.has(permission);
      const fault = await faultOfDraft(manager, draft, isGrantable);
      if (fault !== null) return { fault };
      const { userId: createdBy, actor } = granter;
      const made = await insertKey(manager, draft, { userId: account.id, actor, createdBy });
      // That it was made is in the audit log already, with what the key may do.
      return made === null ? { fault: userError('API_KEY_LIMIT') } : { value: made, isChange: false };
    });
  }
}

async function faultOfRoles(
  manager: EntityManager,
  names: readonly string[],
  authority: Authority,
): Promise<UserError | null> {
  for (const [index, name] of names.entries()) {
    const path = ['input', 'roles', String(index)];
    const role = await manager.findOneBy(Role, { name });
    if (role === null) return userError('ROLE_NOT_FOUND', path);
    if (!isBelow(authority, role.level)) return userError('ROLE_LEVEL_TOO_HIGH', path);
    if ((await lackedOfRole(manager, authority, role.id)).length > 0) return userError('PERMISSION_NOT_HELD', path);
  }
  return null;
}

async function findReachable(manager: EntityManager, id: string, authority: Authority): Promise<User | UserError> {
  const path = ['input', 'serviceAccountId'];
  const account = isUuid(id) ? await manager.findOneBy(User, { id, kind: UserKind.SERVICE }) : null;
  if (account === null || account.deletedAt !== null) return userError('SERVICE_ACCOUNT_NOT_FOUND', path);
  return (await reachesUser(manager, authority, id)) ? account : userError('USER_LEVEL_TOO_HIGH', path);
}
