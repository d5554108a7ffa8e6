import type { EntityManager } from 'typeorm';
import type { SessionService } from '../session/session.service.js';

/** Why nobody may sign in. Either one is enough; each is taken back by itself. */
export type DisabledBy = 'suspension' | 'operator';

const COLUMNS = { suspension: 'suspended_at', operator: 'locked_by_operator_at' } as const;

/** Ends all sessions and lets nobody in, in the caller's transaction. Returns false when it was so already. */
export async function disableAccount(
  manager: EntityManager,
  { userId, by, sessions }: { readonly userId: string; readonly by: DisabledBy; readonly sessions: SessionService },
): Promise<boolean> {
  const column = COLUMNS[by];
  const [, changed] = await manager.query<[unknown, number]>(
    `UPDATE credentials SET ${column} = now(), status = 'DISABLED'
      WHERE user_id = $1 AND ${column} IS NULL AND status <> 'DELETED'`,
    [userId],
  );
  await sessions.revokeIn(manager, { userId, reason: 'account-disabled' });
  return changed > 0;
}

/** Takes it back; the account stays closed while there is another reason. Returns false when there was none of this. */
export async function enableAccount(
  manager: EntityManager,
  { userId, by }: { readonly userId: string; readonly by: DisabledBy },
): Promise<boolean> {
  const [column, other] =
    by === 'suspension' ? [COLUMNS.suspension, COLUMNS.operator] : [COLUMNS.operator, COLUMNS.suspension];
  const [, changed] = await manager.query<[unknown, number]>(
    `UPDATE credentials SET ${column} = NULL, status = CASE WHEN ${other} IS NULL THEN 'ACTIVE' ELSE status END
      WHERE user_id = $1 AND ${column} IS NOT NULL AND status <> 'DELETED'`,
    [userId],
  );
  return changed > 0;
}
