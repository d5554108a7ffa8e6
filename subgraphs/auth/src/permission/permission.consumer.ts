import { roleAssigned, roleRevoked } from '@orion/platform/event-contracts';
import { on, route } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';

interface Permissions {
  readonly userId: string;
  readonly permissions: readonly string[];
  readonly version: number;
}

/** Keeps the effective permissions that go into access tokens. An older announcement never overwrites a newer one. */
async function keepPermissions({ data }: { readonly data: Permissions }, manager: EntityManager): Promise<void> {
  await manager
    .createQueryBuilder()
    .update(Account)
    .set({ permissions: [...data.permissions], permissionsVersion: data.version })
    .where('user_id = :userId AND permissions_version < :version', { userId: data.userId, version: data.version })
    .execute();
}

export const handlePermissionEvents = route([on(roleAssigned, keepPermissions), on(roleRevoked, keepPermissions)]);
