import { userDeleted, userReactivated, userSuspended } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import { endImpersonations } from '../impersonation/end-impersonations.js';
import type { SessionService } from '../session/session.service.js';
import { removeAllFactors } from '../two-factor/remove-factors.js';
import { disableAccount, enableAccount } from './account-standing.js';

interface Concerned {
  readonly data: { readonly userId: string };
}

/** Rows that are somebody's. Sessions go with their devices; what the database remembers of their end stays. */
const PERSONAL_TABLES = [
  'oauth_providers',
  'oauth_states',
  'one_time_tokens',
  'password_resets',
  'email_changes',
  'login_attempts',
  'security_events',
  'devices',
] as const;

/** What becomes of credentials when something becomes of the person behind them. */
export function accountHandlers(sessions: SessionService) {
  /** Nothing is left that could let somebody in, or that tells who it was; the address is free again. */
  async function forget({ data: { userId } }: Concerned, manager: EntityManager): Promise<void> {
    const [, found] = await manager.query<[unknown, number]>(
      `UPDATE credentials SET status = 'DELETED', email = '', email_canonical = 'deleted:' || user_id, password_hash = NULL,
              display_name = NULL, permissions = '{}', permission_expiries = '{}', permission_rules = '[]', level = 0,
              locked_until = NULL
        WHERE user_id = $1`,
      [userId],
    );
    if (found === 0) return;
    await sessions.revokeIn(manager, { userId, reason: 'account-deleted' });
    await endImpersonations(manager, { ofUser: userId });
    await removeAllFactors(manager, userId);
    for (const table of PERSONAL_TABLES) await manager.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
  }

  return [
    on(userSuspended, async ({ data: { userId } }: Concerned, manager) => {
      await disableAccount(manager, { userId, by: 'suspension', sessions });
    }),
    on(userReactivated, async ({ data: { userId } }: Concerned, manager) => {
      await enableAccount(manager, { userId, by: 'suspension' });
    }),
    on(userDeleted, forget),
  ] as const;
}
