import { userCreated, userUpdated } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import { Not } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { Account, AccountStatus } from './account.entity.js';

async function keepName(
  { data }: { readonly data: { readonly userId: string; readonly displayName: string } },
  manager: EntityManager,
): Promise<void> {
  const { userId: id, displayName } = data;
  // Of a deleted account nothing comes back.
  await manager.update(Account, { id, status: Not(AccountStatus.DELETED) }, { displayName });
}

/** Follows the name that the user subgraph owns. */
export const displayNameHandlers = [on(userCreated, keepName), on(userUpdated, keepName)] as const;
