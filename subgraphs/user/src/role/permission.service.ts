import type { BatchLoad } from '@orion/platform/loading';
import type { EntityManager } from 'typeorm';

/** Permissions of users: those of all their roles. Nothing that is not granted is allowed. */
export class PermissionService {
  constructor(private readonly manager: EntityManager) {}

  /** Sorted permission keys of many users in one statement. */
  readonly keysOfUsers: BatchLoad<string, readonly string[]> = (userIds) => readKeysOfUsers(this.manager, userIds);

  /** Sorted permission keys of many roles in one statement. */
  readonly keysOfRoles: BatchLoad<string, readonly string[]> = async (roleIds) => {
    const rows: OwnedKey[] = await this.manager.query(
      'SELECT role_id AS owner, permission FROM role_permissions WHERE role_id = ANY($1::uuid[]) ORDER BY permission',
      [roleIds],
    );
    return groupKeys(roleIds, rows);
  };

  /** Every permission there is, which is every one that a role grants. */
  async grantedBySomeRole(): Promise<ReadonlySet<string>> {
    const rows: readonly Pick<OwnedKey, 'permission'>[] = await this.manager.query(
      'SELECT DISTINCT permission FROM role_permissions',
    );
    return new Set(rows.map(({ permission }) => permission));
  }
}

interface OwnedKey {
  readonly owner: string;
  readonly permission: string;
}

/** The same through the manager of a transaction, which sees what the transaction has changed. */
export async function readKeysOfUsers(
  manager: EntityManager,
  userIds: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const rows: OwnedKey[] = await manager.query(
    `SELECT DISTINCT user_id AS owner, permission FROM user_roles JOIN role_permissions USING (role_id)
      WHERE user_id = ANY($1::uuid[]) ORDER BY permission`,
    [userIds],
  );
  return groupKeys(userIds, rows);
}

function groupKeys(owners: readonly string[], rows: readonly OwnedKey[]): readonly (readonly string[])[] {
  const keys = new Map<string, string[]>(owners.map((owner) => [owner, []]));
  for (const { owner, permission } of rows) keys.get(owner)?.push(permission);
  return owners.map((owner) => keys.get(owner) ?? []);
}
