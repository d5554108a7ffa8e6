import { rateLimited } from '@orion/platform/errors';
import type { DataSource } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { reserve, settle } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import type { PasswordHasher } from './password-hasher.js';
import type { PasswordPolicy } from './password-policy.js';

const CHECKS: RateLimit = { purpose: 'password-check', limit: 5, windowSeconds: 15 * 60 };

/** Asks somebody who is signed in for their password once more. */
export class PasswordCheckService {
  constructor(
    private readonly database: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
  ) {}

  /**
   * Whether it is their password; false for an account that has none. Throws RATE_LIMITED after five wrong ones in 15
   * minutes: whoever found a session open shall not find the password out. An attempt is reserved before the check.
   */
  async check(userId: string, password: string): Promise<boolean> {
    if (this.policy.isOversized(password)) return false;
    const { manager } = this.database;
    const grant = await reserve(manager, { ...CHECKS, key: userId });
    if (grant.kind !== 'reserved') throw rateLimited(CHECKS.windowSeconds);
    try {
      const account = await manager.findOneBy(Account, { id: userId });
      const matches = await this.hasher.verify(password, account?.passwordHash ?? null);
      await settle(manager, { ...grant, verdict: matches ? 'cleared' : 'spent' });
      return matches;
    } catch (error) {
      // Nobody learned whether it was right.
      await settle(manager, { ...grant, verdict: 'unused' });
      throw error;
    }
  }
}
