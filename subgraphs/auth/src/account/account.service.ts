import { loadById } from '@orion/platform/loading';
import type { BatchLoad } from '@orion/platform/loading';
import type { EntityManager } from 'typeorm';
import { Account } from './account.entity.js';

/** Reads accounts. */
export class AccountService {
  readonly byId: BatchLoad<string, Account | null>;

  constructor(private readonly manager: EntityManager) {
    this.byId = loadById(manager, Account);
  }

  findByEmail(canonical: string): Promise<Account | null> {
    return this.manager.findOneBy(Account, { emailCanonical: canonical });
  }
}
