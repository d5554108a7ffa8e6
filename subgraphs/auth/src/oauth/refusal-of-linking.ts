import type { Viewer } from '@orion/platform/identity';
import type { EntityManager } from 'typeorm';
import { gaveSecondFactor, lockOwnSession } from '../step-up/own-session.js';

/**
 * Why this session may not add a way in; null when it may. Who has a second factor must have given it in this session:
 * a password and a device that is trusted are not enough. Locks the account until the commit. Throws UNAUTHENTICATED
 * when the session ended.
 */
export async function refusalOfLinking(
  manager: EntityManager,
  viewer: Viewer,
): Promise<'SECOND_FACTOR_REQUIRED' | null> {
  const { account, session } = await lockOwnSession(manager, viewer);
  const [row] = await manager.query<{ has: boolean }[]>(
    'SELECT EXISTS (SELECT 1 FROM two_factor_auth WHERE user_id = $1 AND confirmed_at IS NOT NULL) AS has',
    [account.id],
  );
  return row?.has === true && !gaveSecondFactor(session) ? 'SECOND_FACTOR_REQUIRED' : null;
}
