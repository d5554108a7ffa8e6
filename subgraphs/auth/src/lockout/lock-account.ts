import { userAccountLocked } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { Sealer } from '@orion/platform/sealing';
import type { EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import { issueToken } from '../one-time-token/one-time-token.service.js';
import { spend, windowEnd } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';

/** Purpose under which the token of the unlock link is sealed on its way to the mail. */
export const UNLOCK_SEAL = 'mail:unlock-account';

/** Passwords of one address that may be wrong before none is tried for a while. */
export const LOGINS: RateLimit = { purpose: 'login', limit: 5, windowSeconds: 15 * 60 };
const MAILS: RateLimit = { purpose: 'mail-lock', limit: 3, windowSeconds: 3_600 };

/**
 * Notes that passwords are not tried for a while, and tells the owner: in the transaction that counts the last attempt.
 * An address without an account has nothing to note.
 */
export async function lockAccount(
  manager: EntityManager,
  { canonical, sealer, origin }: { readonly canonical: string; readonly sealer: Sealer; readonly origin: LoginOrigin },
): Promise<void> {
  const account = await manager.findOne(Account, {
    where: { emailCanonical: canonical, status: AccountStatus.ACTIVE },
    lock: { mode: 'pessimistic_write' },
  });
  if (account === null) return;
  const { id: userId, email } = account;
  const lockedUntil = await windowEnd(manager, { ...LOGINS, key: canonical });
  if (lockedUntil === null) return;
  await manager.update(Account, { id: userId }, { lockedUntil });
  await recordSecurityEvent(manager, {
    userId,
    type: SecurityEventType.ACCOUNT_LOCKED,
    severity: SecuritySeverity.MEDIUM,
    ...origin,
    details: { lockedUntil: lockedUntil.toISOString() },
  });
  if (!(await spend(manager, { ...MAILS, key: canonical }))) return;
  const token = await issueToken(manager, { userId, purpose: 'unlock-account', seconds: LOGINS.windowSeconds });
  await publish(manager, [
    userAccountLocked.of({
      userId,
      email,
      locale: null,
      unlockToken: sealer.seal(token, UNLOCK_SEAL),
      lockedUntil: lockedUntil.toISOString(),
    }),
  ]);
}
