import type { DataSource } from 'typeorm';
import { Account } from '../account/account.entity.js';
import type { EmailAddress } from '../account/email-address.js';
import type { PasswordHasher } from '../password/password-hasher.js';
import type { RegistrationService } from '../registration/registration.service.js';

const at = (name: string): EmailAddress => ({ spelling: `${name}@orion.test`, canonical: `${name}@orion.test` });

/** The accounts of demo mode. The user subgraph knows the administrator by this id. */
const ACCOUNTS = [
  {
    id: '00000000-0000-7000-8000-000000000001',
    address: at('admin'),
    displayName: 'Admin',
  },
  {
    id: '00000000-0000-7000-8000-000000000002',
    address: at('alice'),
    displayName: 'Alice',
  },
  {
    id: '00000000-0000-7000-8000-000000000003',
    address: at('bob'),
    displayName: 'Bob',
  },
] as const;
const PASSWORD = 'orion-demo';

/** Opens the demo accounts that are missing. Everybody knows the password: the platform refuses this in production. */
export async function seedDemoAccounts(
  database: DataSource,
  { registration, hasher }: { readonly registration: RegistrationService; readonly hasher: PasswordHasher },
): Promise<void> {
  const missing = [];
  for (const account of ACCOUNTS) {
    if (!(await database.manager.existsBy(Account, { id: account.id }))) missing.push(account);
  }
  for (const account of missing) {
    const passwordHash = await hasher.hash(PASSWORD);
    await database.transaction((manager) =>
      registration.create(manager, { ...account, passwordHash, locale: 'en', verified: true }),
    );
  }
}
