import type { EntityManager } from 'typeorm';

/** Roles in a chain from the first to the last that inherits, at the most. */
export const LONGEST_CHAIN = 32;

/**
 * Puts a role, with all that inherit from it, below another one, or below none. Under the lock of all roles, without
 * which two could each close half of a circle. Returns why it was refused; then nothing has changed.
 */
export async function moveRole(
  manager: EntityManager,
  roleId: string,
  parentId: string | null,
): Promise<'ROLE_CYCLE' | 'ROLE_CHAIN_TOO_LONG' | null> {
  if (parentId !== null) {
    const refusal = await refusalOfParent(manager, roleId, parentId);
    if (refusal !== null) return refusal;
  }
  await manager.query('UPDATE roles SET parent_id = $2 WHERE id = $1', [roleId, parentId]);
  await manager.query(
    `DELETE FROM role_closure old USING role_closure below, role_closure above
      WHERE below.ancestor_id = $1 AND above.descendant_id = $1 AND above.ancestor_id <> $1
        AND old.descendant_id = below.descendant_id AND old.ancestor_id = above.ancestor_id`,
    [roleId],
  );
  if (parentId !== null) {
    await manager.query(
      `INSERT INTO role_closure (ancestor_id, descendant_id, depth)
       SELECT above.ancestor_id, below.descendant_id, above.depth + 1 + below.depth
         FROM role_closure above CROSS JOIN role_closure below
        WHERE above.descendant_id = $2 AND below.ancestor_id = $1`,
      [roleId, parentId],
    );
  }
  return null;
}

async function refusalOfParent(
  manager: EntityManager,
  roleId: string,
  parentId: string,
): Promise<'ROLE_CYCLE' | 'ROLE_CHAIN_TOO_LONG' | null> {
  const [row]: { readonly isBelow: boolean; readonly length: number }[] = await manager.query(
    `SELECT EXISTS (SELECT FROM role_closure WHERE ancestor_id = $1 AND descendant_id = $2) AS "isBelow",
            (SELECT max(depth) + 1 FROM role_closure WHERE descendant_id = $2)
            + (SELECT max(depth) + 1 FROM role_closure WHERE ancestor_id = $1) AS length`,
    [roleId, parentId],
  );
  if (row === undefined || row.isBelow) return 'ROLE_CYCLE';
  return row.length > LONGEST_CHAIN ? 'ROLE_CHAIN_TOO_LONG' : null;
}
