import { isUuid } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import type { adminErrors } from './admin.errors.js';

/** The account that something is to be done to, or why it may not be. */
export type Target =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'refused'; readonly code: keyof typeof adminErrors };

/**
 * Finds the account and holds it until the commit. Nobody acts on somebody of their own level or above, so also never
 * on themselves: otherwise the lowest operator could take over the highest one.
 */
export async function targetBelow(
  manager: EntityManager,
  { actorId, userId }: { readonly actorId: string; readonly userId: string },
): Promise<Target> {
  const account = isUuid(userId)
    ? await manager.findOne(Account, { where: { id: userId }, lock: { mode: 'for_no_key_update' } })
    : null;
  if (account === null || account.status === AccountStatus.DELETED) return { kind: 'refused', code: 'USER_NOT_FOUND' };
  const actor = await manager.findOneBy(Account, { id: actorId });
  return actor !== null && actor.level > account.level
    ? { kind: 'account', account }
    : { kind: 'refused', code: 'USER_NOT_BELOW_YOU' };
}

const LONGEST_REASON = 500;

/** What an operator gave as a reason, trimmed; null when it is none. */
export function readReason(text: string): string | null {
  const reason = text.normalize('NFC').trim();
  return reason === '' || [...reason].length > LONGEST_REASON ? null : reason;
}
