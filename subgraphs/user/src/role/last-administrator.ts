import type { EntityManager } from 'typeorm';
import { ADMIN } from '../permission/authority.js';

/** Without these nobody could mend what an administrator broke. */
export const ADMINISTRATION: readonly string[] = ['role:write:any', 'permission:write:any', 'policy:write:any'];

/** People who are administrators until somebody changes that: neither for a time, nor denied what it takes. */
const LASTING = `
  SELECT given.user_id FROM user_roles given
    JOIN roles ON roles.id = given.role_id AND roles.name = $1
    JOIN users ON users.id = given.user_id AND users.kind = 'PERSON' AND users.status = 'ACTIVE'
   WHERE given.expires_at IS NULL
     AND NOT EXISTS (
       SELECT FROM user_permissions denied
        WHERE denied.user_id = given.user_id AND denied.effect = 'DENY' AND denied.permission = ANY($2::text[])
          AND (denied.expires_at IS NULL OR denied.expires_at > clock_timestamp()))`;

/**
 * Why a user must stay an administrator; null when there is another one, or when they are none. For the transaction that
 * takes it from them, suspends or deletes them, under one of the access locks: until the commit nobody takes it from the
 * other.
 */
export async function refusalOfLosing(manager: EntityManager, userId: string): Promise<'LAST_ADMIN' | null> {
  await manager.query('SELECT FROM roles WHERE name = $1 FOR NO KEY UPDATE', [ADMIN]);
  const [row]: { readonly isOne: boolean; readonly hasOthers: boolean }[] = await manager.query(
    `SELECT EXISTS (${LASTING} AND given.user_id = $3) AS "isOne",
            EXISTS (${LASTING} AND given.user_id <> $3) AS "hasOthers"`,
    [ADMIN, [...ADMINISTRATION], userId],
  );
  return row?.isOne === true && !row.hasOthers ? 'LAST_ADMIN' : null;
}

/** Whether somebody is an administrator for good. */
export async function hasLastingAdministrator(manager: EntityManager): Promise<boolean> {
  const rows: unknown[] = await manager.query(`${LASTING} LIMIT 1`, [ADMIN, [...ADMINISTRATION]]);
  return rows.length > 0;
}
