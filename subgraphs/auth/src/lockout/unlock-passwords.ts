import type { EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { OneTimeToken } from '../one-time-token/one-time-token.entity.js';
import { forget } from '../rate-limit/rate-limit.service.js';
import { LOGINS } from './lock-account.js';

/** Passwords of the account are tried again, in the caller's transaction. Returns whether they were not before. */
export async function unlockPasswords(manager: EntityManager, userId: string): Promise<boolean> {
  const account = await manager.findOne(Account, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  if (account === null) return false;
  await forget(manager, { purpose: LOGINS.purpose, key: account.emailCanonical });
  await manager.delete(OneTimeToken, { userId, purpose: 'unlock-account' });
  if (account.lockedUntil === null) return false;
  await manager.update(Account, { id: userId }, { lockedUntil: null });
  return account.lockedUntil > new Date();
}
