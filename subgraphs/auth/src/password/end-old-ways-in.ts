import type { EntityManager } from 'typeorm';
import { untrustDevices } from '../device/untrust-devices.js';
import { unlockPasswords } from '../lockout/unlock-passwords.js';
import type { RevocationReason } from '../session/revocation.js';
import type { SessionService } from '../session/session.service.js';

/** Whose way in changed, and which session may stay. */
export interface ChangedWayIn {
  readonly userId: string;
  readonly exceptId?: string;
  readonly reason: RevocationReason;
}

/**
 * After a password or an address changed, in its transaction: sessions end, devices are not trusted any more, and what
 * is on its way by mail works no more. Whoever got in with what was before is out.
 */
export async function endOldWaysIn(
  manager: EntityManager,
  sessions: SessionService,
  { userId, exceptId, reason }: ChangedWayIn,
): Promise<void> {
  await sessions.revokeIn(manager, { userId, reason, ...(exceptId === undefined ? {} : { exceptId }) });
  await untrustDevices(manager, userId);
  await unlockPasswords(manager, userId);
  await forgetMailedTokens(manager, userId);
}

/** What was mailed and not used, to reset the password, to change the address and to sign in, works no more. */
export async function forgetMailedTokens(manager: EntityManager, userId: string): Promise<void> {
  await manager.query('DELETE FROM password_resets WHERE user_id = $1 AND consumed_at IS NULL', [userId]);
  await manager.query('DELETE FROM email_changes WHERE user_id = $1 AND consumed_at IS NULL', [userId]);
  await manager.query('DELETE FROM login_codes WHERE user_id = $1', [userId]);
}
