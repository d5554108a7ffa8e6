import type { DataSource } from 'typeorm';
import { consumeToken } from '../one-time-token/one-time-token.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { unlockPasswords } from './unlock-passwords.js';

/** Ends locks before their time. */
export class LockoutService {
  constructor(private readonly database: DataSource) {}

  /** Returns false when the token is not good. */
  unlock(token: string, origin: LoginOrigin): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const userId = await consumeToken(manager, { token, purpose: 'unlock-account' });
      if (userId === null) return false;
      await unlockPasswords(manager, userId);
      await recordSecurityEvent(manager, {
        userId,
        type: SecurityEventType.ACCOUNT_UNLOCKED,
        severity: SecuritySeverity.LOW,
        ...origin,
      });
      return true;
    });
  }
}
