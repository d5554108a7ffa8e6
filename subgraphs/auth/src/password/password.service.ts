import { requireLiveSession } from '../session/live-session.js';
import type { Viewer } from '@orion/platform/identity';
import { IsNull } from 'typeorm';
import type { DataSource } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { SessionService } from '../session/session.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { endOldWaysIn } from './end-old-ways-in.js';
import type { PasswordCheckService } from './password-check.service.js';
import { normalise } from './password-hasher.js';
import type { PasswordHasher } from './password-hasher.js';
import type { PasswordPolicy } from './password-policy.js';
import type { ChangePasswordInput } from './password.types.js';

/** Changes the password of somebody who is signed in. */
export class PasswordService {
  constructor(
    private readonly database: DataSource,
    private readonly parts: {
      readonly hasher: PasswordHasher;
      readonly policy: PasswordPolicy;
      readonly checks: PasswordCheckService;
      readonly sessions: SessionService;
    },
  ) {}

  /** Returns what to correct; then nothing has changed. */
  async change(
    viewer: Viewer,
    { currentPassword = null, newPassword }: ChangePasswordInput,
    origin: LoginOrigin,
  ): Promise<UserError[]> {
    const { userId, sessionId } = viewer;
    const { hasher, policy, checks, sessions } = this.parts;
    const account = await this.database.manager.findOneByOrFail(Account, { id: userId });
    const fault = policy.faultOf(newPassword, account);
    if (fault !== null) return [userError(fault, ['input', 'newPassword'])];
    const old = account.passwordHash;
    // Somebody without a password sets the first one: that they signed in just now is all that can be asked for.
    if (old !== null) {
      const isRight = currentPassword !== null && (await checks.check(userId, currentPassword));
      if (!isRight) return [userError('WRONG_PASSWORD', ['input', 'currentPassword'])];
      if (normalise(currentPassword) === normalise(newPassword))
        return [userError('PASSWORD_UNCHANGED', ['input', 'newPassword'])];
    }
    const passwordHash = await hasher.hash(newPassword);
    return this.database.transaction(async (manager) => {
      await requireLiveSession(manager, viewer);
      const { affected } = await manager.update(
        Account,
        { id: userId, passwordHash: old ?? IsNull() },
        { passwordHash, passwordChangedAt: new Date() },
      );
      // Somebody else was faster: it is not the current password any more.
      if (affected !== 1) return [userError('WRONG_PASSWORD', ['input', 'currentPassword'])];
      await endOldWaysIn(manager, sessions, { userId, exceptId: sessionId, reason: 'password-changed' });
      await recordSecurityEvent(manager, {
        userId,
        sessionId,
        type: SecurityEventType.PASSWORD_CHANGED,
        severity: SecuritySeverity.MEDIUM,
        ...origin,
      });
      return [];
    });
  }
}
