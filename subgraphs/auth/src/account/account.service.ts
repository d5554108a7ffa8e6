import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import type { EntityManager } from 'typeorm';
import { Account } from './account.entity.js';

/** The password of an account, as it is stored. */
export type StoredPassword = Pick<Account, 'id' | 'passwordHash' | 'passwordChangedAt' | 'lockedUntil'>;

/** Reads accounts. */
export class AccountService {
  readonly byId: BatchLoad<string, Account | null>;

  constructor(private readonly manager: EntityManager) {
    this.byId = loadById(manager, Account);
  }

  /** What a password of an address is compared with. In plain SQL: each sign-in asks for it. */
  async passwordOf(canonical: string): Promise<StoredPassword | null> {
    const [row] = await this.manager.query<StoredPassword[]>(
      `SELECT user_id AS id, password_hash AS "passwordHash", password_changed_at AS "passwordChangedAt",
              locked_until AS "lockedUntil"
         FROM credentials WHERE email_canonical = $1`,
      [canonical],
    );
    return row ?? null;
  }
}
