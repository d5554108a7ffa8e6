import type { DataSource } from 'typeorm';
import { Account } from '../account/account.entity.js';
import type { PasswordCheckService } from '../password/password-check.service.js';

/** Asks for a password where there is one. */
export class PasswordProof {
  constructor(
    private readonly database: DataSource,
    private readonly passwords: PasswordCheckService,
  ) {}

  /** Whether the password is right, or the account has none and none was given. Outside of transactions: it takes time. */
  async isRightOrNone(userId: string, password: string | null): Promise<boolean> {
    if (password !== null) return this.passwords.check(userId, password);
    return !(await this.hasPassword(userId));
  }

  async hasPassword(userId: string): Promise<boolean> {
    const account = await this.database.manager.findOneBy(Account, { id: userId });
    return account !== null && account.passwordHash !== null;
  }
}
