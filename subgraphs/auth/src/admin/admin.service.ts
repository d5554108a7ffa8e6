import type { AuditActor } from '@orion/platform/audit';
import type { Viewer } from '@orion/platform/identity';
import type { DataSource, EntityManager } from 'typeorm';
import type { Account } from '../account/account.entity.js';
import { disableAccount, enableAccount } from '../account/account-standing.js';
import { untrustDevices } from '../device/untrust-devices.js';
import { unlockPasswords } from '../lockout/unlock-passwords.js';
import type { PasswordResetService } from '../password-reset/password-reset.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { requireLiveSession } from '../session/live-session.js';
import type { SessionService } from '../session/session.service.js';
import { removeOtherWaysIn, removeSecondFactors } from '../two-factor/remove-factors.js';
import type { adminErrors } from './admin.errors.js';
import { readReason, targetBelow } from './target-below.js';

/** What an operator wants done. */
export interface AdminAction {
  readonly viewer: Viewer;
  readonly origin: Pick<AuditActor, 'ip' | 'userAgent'>;
  readonly userId: string;
  readonly reason: string;
}

/** What came of it: null when it was done. */
export type AdminRefusal = keyof typeof adminErrors | null;

/** What operators do to the accounts of others. Each action is told to its owner and written to the audit log. */
export class AdminService {
  constructor(
    private readonly database: DataSource,
    private readonly sessions: SessionService,
    private readonly resets: Pick<PasswordResetService, 'issue'>,
  ) {}

  /** Nobody signs in until it is taken back; all sessions end. */
  lock(action: AdminAction): Promise<AdminRefusal> {
    return this.act(action, SecurityEventType.ACCOUNT_DISABLED, (manager, { id: userId }) =>
      disableAccount(manager, { userId, by: 'operator', sessions: this.sessions }),
    );
  }

  /** Takes back what an operator locked, and what too many wrong passwords did. */
  unlock(action: AdminAction): Promise<AdminRefusal> {
    return this.act(action, SecurityEventType.ACCOUNT_ENABLED, async (manager, { id: userId }) => {
      const [wasDisabled, wasLocked] = [
        await enableAccount(manager, { userId, by: 'operator' }),
        await unlockPasswords(manager, userId),
      ];
      return wasDisabled || wasLocked;
    });
  }

  /** How many sessions ended is told through `onEnded`. */
  revokeSessions(action: AdminAction, onEnded: (count: number) => void): Promise<AdminRefusal> {
    return this.act(action, SecurityEventType.SESSIONS_REVOKED, async (manager, { id: userId }) => {
      const ended = await this.sessions.revokeIn(manager, { userId, reason: 'administrator' });
      onEnded(ended.length);
      return true;
    });
  }

  /** The password works no more, whoever knows it; its owner gets a mail to set another one. */
  forcePasswordReset(action: AdminAction): Promise<AdminRefusal> {
    return this.act(action, SecurityEventType.PASSWORD_RESET_REQUIRED, async (manager, { id: userId }) => {
      // The time is what challenges and devices that are under way compare.
      await manager.query(
        'UPDATE credentials SET password_hash = NULL, password_changed_at = now() WHERE user_id = $1',
        [userId],
      );
      await untrustDevices(manager, userId);
      await this.sessions.revokeIn(manager, { userId, reason: 'administrator' });
      await this.resets.issue(manager, userId);
      return true;
    });
  }

  /** For somebody who lost it; with `everything` for somebody whose account a thief may have added a way in to. */
  resetTwoFactor(action: AdminAction, { everything }: { readonly everything: boolean }): Promise<AdminRefusal> {
    return this.act(action, SecurityEventType.TWO_FACTOR_DISABLED, async (manager, { id: userId }) => {
      const hadSecondFactor = await removeSecondFactors(manager, userId);
      if (!everything) return hadSecondFactor;
      const hadMore = await removeOtherWaysIn(manager, userId);
      return hadSecondFactor || hadMore;
    });
  }

  private act(
    { viewer, origin, userId, reason: given }: AdminAction,
    type: SecurityEventType,
    work: (manager: EntityManager, account: Account) => Promise<boolean>,
  ): Promise<AdminRefusal> {
    return this.database.transaction(async (manager) => {
      await requireLiveSession(manager, viewer);
      const reason = readReason(given);
      if (reason === null) return 'REASON_INVALID';
      const target = await targetBelow(manager, { actorId: viewer.userId, userId });
      if (target.kind === 'refused') return target.code;
      if (!(await work(manager, target.account))) return 'NOTHING_TO_DO';
      await recordSecurityEvent(manager, {
        userId,
        actorId: viewer.userId,
        type,
        severity: SecuritySeverity.MEDIUM,
        reason,
        ...origin,
      });
      return null;
    });
  }
}
