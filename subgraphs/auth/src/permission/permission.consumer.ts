import type { AccessRule } from '@orion/platform/access';
import { permissionsChanged, roleAssigned, roleRevoked } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import { IMPERSONATE } from '../impersonation/impersonate-permission.js';
import { endImpersonations } from '../impersonation/end-impersonations.js';

interface Permissions {
  readonly userId: string;
  readonly permissions: readonly string[];
  readonly version: number;
  readonly level?: number | undefined;
  readonly expiries?: Readonly<Record<string, number>> | undefined;
  readonly rules?: readonly object[] | undefined;
}

/**
 * Keeps what somebody may do, which goes into access tokens: the next refresh has it. An older announcement never
 * overwrites a newer one.
 */
async function keepPermissions({ data }: { readonly data: Permissions }, manager: EntityManager): Promise<void> {
  const { userId, permissions, version, level, expiries = {}, rules = [] } = data;
  await manager.query(
    `UPDATE credentials SET permissions = $3, permissions_version = $2, permission_expiries = $4, permission_rules = $5,
            level = coalesce($6, level)
      WHERE user_id = $1 AND permissions_version < $2`,
    [
      userId,
      version,
      permissions,
      JSON.stringify(expiries),
      JSON.stringify(rules satisfies readonly Partial<AccessRule>[]),
      level,
    ],
  );
  // Who may not look at the graph as somebody else any more does not go on doing it.
  if (!permissions.includes(IMPERSONATE)) await endImpersonations(manager, { byActor: userId });
}

/** For the consumer of the subgraph. */
export const permissionHandlers = [
  on(roleAssigned, keepPermissions),
  on(roleRevoked, keepPermissions),
  on(permissionsChanged, keepPermissions),
] as const;
