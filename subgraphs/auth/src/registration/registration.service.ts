import { userRegistered } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { canonicalEmail } from '../account/email-address.js';
import type { PasswordHasher } from '../login/password-hasher.js';
import { faultOfPassword } from '../login/password-policy.js';
import { consumeToken, issueToken } from '../one-time-token/one-time-token.service.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import type { RegisterInput } from './registration.types.js';

/** Purpose under which the token of the verification link is sealed on its way to the mail. */
export const VERIFICATION_SEAL = 'mail:verify-email';

const VERIFICATION_SECONDS = 24 * 3_600;
const LONGEST_NAME = 80;

/** An account to be made, checked. */
interface NewAccount {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly displayName: string;
  readonly locale: string;
  readonly verified: boolean;
}

/** Opens accounts and verifies their addresses. */
export class RegistrationService {
  constructor(
    private readonly database: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly sealer: Sealer,
  ) {}

  /** Returns what to correct. An address that is taken is not told apart: its owner's account stays as it is. */
  async register(input: RegisterInput): Promise<UserError[]> {
    const email = input.email.trim();
    const displayName = input.displayName.normalize('NFC').trim();
    const faults = faultsOf({ ...input, email, displayName });
    if (faults.length > 0) return faults;
    // Hashed before the address is looked at, so that both cases take the same time.
    const passwordHash = await this.hasher.hash(input.password);
    const account = { id: uuidv7(), email, passwordHash, displayName, locale: input.locale, verified: false };
    await this.database.transaction((manager) => this.create(manager, account));
    return [];
  }

  /** Returns true when the token was good and the address is verified now. */
  verifyEmail(token: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const userId = await consumeToken(manager, { token, purpose: 'verify-email' });
      if (userId === null) return false;
      await manager.update(Account, { id: userId }, { emailVerifiedAt: new Date() });
      return true;
    });
  }

  /** Inserts the account and announces it, in the caller's transaction. Does nothing when the address is taken. */
  async create(manager: EntityManager, account: NewAccount): Promise<void> {
    const { raw } = await manager
      .createQueryBuilder()
      .insert()
      .into(Account)
      .values({
        id: account.id,
        email: account.email,
        emailCanonical: account.email.toLowerCase(),
        passwordHash: account.passwordHash,
        emailVerifiedAt: account.verified ? new Date() : null,
      })
      .orIgnore()
      .returning('id')
      .execute();
    if ((raw as unknown[]).length === 0) return;
    const { id: userId, email, displayName, locale } = account;
    const token = account.verified
      ? null
      : await issueToken(manager, { userId, purpose: 'verify-email', seconds: VERIFICATION_SECONDS });
    const verificationToken = token === null ? null : this.sealer.seal(token, VERIFICATION_SEAL);
    await publish(manager, [userRegistered.of({ userId, email, displayName, locale, verificationToken })]);
  }
}

function faultsOf(input: RegisterInput): UserError[] {
  const faults: UserError[] = [];
  if (canonicalEmail(input.email) === null) faults.push(userError('EMAIL_INVALID', ['input', 'email']));
  if (!isDisplayName(input.displayName)) faults.push(userError('DISPLAY_NAME_INVALID', ['input', 'displayName']));
  if (!isLocale(input.locale)) faults.push(userError('LOCALE_INVALID', ['input', 'locale']));
  const password = faultOfPassword(input.password, { email: input.email });
  if (password !== null) faults.push(userError(password, ['input', 'password']));
  return faults;
}

/** Letters, marks, digits, punctuation and single spaces; no control, format (bidi, zero-width) or private characters. */
function isDisplayName(name: string): boolean {
  const length = [...name].length;
  return length >= 1 && length <= LONGEST_NAME && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    // RangeError is how Intl says that a tag is not well-formed.
    return false;
  }
}
