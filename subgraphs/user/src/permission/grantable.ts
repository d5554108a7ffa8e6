import type { EntityManager } from 'typeorm';
import type { Authority } from './authority.js';
import type { permissionErrors } from './permission.errors.js';
import { isImplicit } from './permission-key.js';

/** Why a permission can be neither given nor taken; null when it can. */
export async function refusalOfPermission(
  manager: EntityManager,
  permission: string,
): Promise<Extract<keyof typeof permissionErrors, 'PERMISSION_NOT_FOUND' | 'PERMISSION_IMPLICIT'> | null> {
  const rows: unknown[] = await manager.query('SELECT FROM permissions WHERE key = $1', [permission]);
  if (rows.length === 0) return 'PERMISSION_NOT_FOUND';
  return isImplicit(permission) ? 'PERMISSION_IMPLICIT' : null;
}

/** What the role allows, with what it inherits, that the authority does not hold: nobody gives what they lack. */
export async function lackedOfRole(manager: EntityManager, { held }: Authority, roleId: string): Promise<string[]> {
  const rows: { readonly permission: string }[] = await manager.query(
    `SELECT DISTINCT permission FROM role_permissions JOIN role_closure ON ancestor_id = role_id
      WHERE descendant_id = $1 ORDER BY permission`,
    [roleId],
  );
  return rows.map(({ permission }) => permission).filter((permission) => !held.has(permission));
}

/** Undefined is taken as null: it does not end. */
export function isFuture(expiresAt: Date | null | undefined): boolean {
  return expiresAt === null || expiresAt === undefined || expiresAt.getTime() > Date.now();
}
