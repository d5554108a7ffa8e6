import type { EntityManager } from 'typeorm';
import { isBelow } from '../permission/authority.js';
import type { Authority } from '../permission/authority.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';

const NAME = /^[A-Z][A-Z0-9_]{1,49}$/;
const LONGEST_DESCRIPTION = 500;
const LOWEST = 1;
/** Below the administrator. */
const HIGHEST = 99;

interface RoleFields {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly level: number;
}

/** Why a role cannot be like this; null when it can. Under the lock of all roles. */
export async function faultsOfRole(
  manager: EntityManager,
  { id, name, description, level }: RoleFields,
  authority: Authority,
): Promise<UserError | null> {
  if (!NAME.test(name)) return userError('ROLE_NAME_INVALID', ['input', 'name']);
  const length = [...description.trim()].length;
  if (length === 0 || length > LONGEST_DESCRIPTION || /[\p{Cc}\p{Cs}]/u.test(description))
    return userError('ROLE_DESCRIPTION_INVALID', ['input', 'description']);
  if (level < LOWEST || level > HIGHEST) return userError('ROLE_LEVEL_INVALID', ['input', 'level']);
  if (!isBelow(authority, level)) return userError('ROLE_LEVEL_TOO_HIGH', ['input', 'level']);
  const [row]: { readonly isTaken: boolean; readonly isOutOfOrder: boolean }[] = await manager.query(
    `SELECT EXISTS (SELECT FROM roles WHERE name = $2 AND id <> $1) AS "isTaken",
            EXISTS (SELECT FROM roles role JOIN roles parent ON parent.id = role.parent_id
                     WHERE (role.id = $1 AND parent.level > $3) OR (parent.id = $1 AND role.level < $3))
              AS "isOutOfOrder"`,
    [id, name, level],
  );
  if (row?.isTaken !== false) return userError('ROLE_NAME_TAKEN', ['input', 'name']);
  return row.isOutOfOrder ? userError('ROLE_LEVEL_INVALID', ['input', 'level']) : null;
}
