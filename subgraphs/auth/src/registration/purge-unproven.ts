import type { EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { OneTimeToken } from '../one-time-token/one-time-token.entity.js';
import { forgetMailedTokens } from '../password/end-old-ways-in.js';
import type { SessionService } from '../session/session.service.js';
import { removeAllFactors } from '../two-factor/remove-factors.js';

/**
 * Somebody proved the address of an account in another way than with the link of its registration: by a code, at a
 * provider, with a reset. Whoever registered it may be somebody else, who waits for the owner to come. So all that was
 * set up before is forgotten (password, sessions, devices, factors, identities, links), and the address counts as
 * proved. Call it in the transaction of the proof, before anything is set up. Does nothing for an account whose address
 * was proved before. Returns whether it did something.
 */
export async function purgeUnproven(
  manager: EntityManager,
  userId: string,
  sessions: Pick<SessionService, 'revokeIn'>,
): Promise<boolean> {
  const account = await manager.findOne(Account, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  if (account === null || account.emailVerifiedAt !== null) return false;
  await sessions.revokeIn(manager, { userId, reason: 'unproven' });
  await removeAllFactors(manager, userId);
  await forgetMailedTokens(manager, userId);
  await manager.delete(OneTimeToken, { userId });
  await manager.query('UPDATE devices SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL', [userId]);
  await manager.query('DELETE FROM oauth_providers WHERE user_id = $1', [userId]);
  await manager.query('DELETE FROM oauth_states WHERE user_id = $1', [userId]);
  await manager.update(
    Account,
    { id: userId },
    { passwordHash: null, passwordChangedAt: null, emailVerifiedAt: new Date(), lockedUntil: null },
  );
  return true;
}
