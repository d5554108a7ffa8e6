import { userRegistered, userRegistrationRepeated, userVerificationRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import { isDisplayName } from '@orion/platform/text';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import { readEmail } from '../account/email-address.js';
import type { EmailAddress } from '../account/email-address.js';
import { consumeToken, issueToken, ownerOfToken } from '../one-time-token/one-time-token.service.js';
import type { PasswordHasher } from '../password/password-hasher.js';
import type { PasswordPolicy } from '../password/password-policy.js';
import { spend } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { noSoonerThan } from './no-sooner-than.js';
import type { RegisterInput } from './registration.types.js';

/** Purpose under which the token of the verification link is sealed on its way to the mail. */
export const VERIFICATION_SEAL = 'mail:verify-email';

const VERIFICATION_SECONDS = 24 * 3_600;
/** Mails that anybody can cause by naming an address that has an account, besides the one of its registration. */
const MAILS: RateLimit = { purpose: 'mail', limit: 3, windowSeconds: 3_600 };
/** Longer than the database needs in any case, so that time does not tell which case it was. */
const ANSWER_MS = 50;

/** An account to be made, checked. */
interface NewAccount {
  readonly id: string;
  readonly address: EmailAddress;
  /** Null for somebody who signs in without a password. */
  readonly passwordHash: string | null;
  readonly displayName: string;
  readonly locale: string;
  readonly verified: boolean;
}

/** Somebody named an address that may have an account: the password of a new registration, or null for the mail alone. */
interface Repetition {
  readonly address: EmailAddress;
  readonly passwordHash: string | null;
  readonly locale: string | null;
}

/** Opens accounts and verifies their addresses. No answer tells whether an address has an account. */
export class RegistrationService {
  constructor(
    private readonly database: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly sealer: Sealer,
    private readonly policy: PasswordPolicy,
  ) {}

  /** Returns what to correct. */
  async register(input: RegisterInput): Promise<UserError[]> {
    const address = readEmail(input.email);
    const displayName = input.displayName.normalize('NFC').trim();
    const faults = this.faultsOf({ ...input, displayName }, address);
    if (address === null || faults.length > 0) return faults;
    const { locale } = input;
    // Hashed before the address is looked at, so that all cases take the same time.
    const passwordHash = await this.hasher.hash(input.password);
    const account = { id: uuidv7(), address, passwordHash, displayName, locale, verified: false };
    await noSoonerThan(ANSWER_MS, () =>
      this.database.transaction(async (manager) => {
        if (!(await this.create(manager, account))) await this.repeat(manager, { address, passwordHash, locale });
      }),
    );
    return [];
  }

  /** Mails a new link when the address has an account that waits for one. */
  async resendVerification(typed: string): Promise<void> {
    const address = readEmail(typed);
    await noSoonerThan(ANSWER_MS, async () => {
      if (address === null) return;
      await this.database.transaction((manager) => this.repeat(manager, { address, passwordHash: null, locale: null }));
    });
  }

  /** Returns true when the token was good and the address is verified now. */
  verifyEmail(token: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const presented = { token, purpose: 'verify-email' } as const;
      const ownerId = await ownerOfToken(manager, presented);
      if (ownerId === null) return false;
      // The account first, as whoever registers again does: then either this token is dead, or the password stays.
      await manager.findOne(Account, { where: { id: ownerId }, lock: { mode: 'pessimistic_write' } });
      const userId = await consumeToken(manager, presented);
      if (userId === null) return false;
      await manager.update(Account, { id: userId }, { emailVerifiedAt: new Date() });
      return true;
    });
  }

  /** Inserts the account and announces it, in the caller's transaction. Returns false when the address is taken. */
  async create(manager: EntityManager, account: NewAccount): Promise<boolean> {
    const { spelling: email, canonical } = account.address;
    const { raw } = await manager
      .createQueryBuilder()
      .insert()
      .into(Account)
      .values({
        id: account.id,
        email,
        emailCanonical: canonical,
        displayName: account.displayName,
        passwordHash: account.passwordHash,
        passwordChangedAt: account.passwordHash === null ? null : new Date(),
        emailVerifiedAt: account.verified ? new Date() : null,
      })
      .orIgnore()
      .returning('user_id')
      .execute();
    if ((raw as unknown[]).length === 0) return false;
    const { id: userId, displayName, locale } = account;
    const verificationToken = account.verified ? null : await this.issueSealed(manager, userId);
    await publish(manager, [userRegistered.of({ userId, email, displayName, locale, verificationToken })]);
    return true;
  }

  /**
   * While the address is not proved, the latest registration counts: nobody can keep an address from its owner by
   * registering it first. The password is set together with a new token and its mail or not at all, so that a link
   * never confirms a password that came after it.
   */
  private async repeat(manager: EntityManager, { address, passwordHash, locale }: Repetition): Promise<void> {
    const account = await manager.findOne(Account, {
      where: { emailCanonical: address.canonical },
      lock: { mode: 'pessimistic_write' },
    });
    if (account === null || !(await spend(manager, { ...MAILS, key: address.canonical }))) return;
    const userId = account.id;
    if (account.emailVerifiedAt !== null) {
      await publish(manager, [userRegistrationRepeated.of({ userId, email: account.email, locale })]);
      return;
    }
    const email = passwordHash === null ? account.email : address.spelling;
    if (passwordHash !== null)
      await manager.update(Account, { id: userId }, { email, passwordHash, passwordChangedAt: new Date() });
    const verificationToken = await this.issueSealed(manager, userId);
    await publish(manager, [userVerificationRequested.of({ userId, email, locale, verificationToken })]);
  }

  private async issueSealed(manager: EntityManager, userId: string): Promise<string> {
    const token = await issueToken(manager, { userId, purpose: 'verify-email', seconds: VERIFICATION_SECONDS });
    return this.sealer.seal(token, VERIFICATION_SEAL);
  }

  private faultsOf({ displayName, locale, password }: RegisterInput, address: EmailAddress | null): UserError[] {
    const faults: UserError[] = [];
    if (address === null) faults.push(userError('EMAIL_INVALID', ['input', 'email']));
    if (!isDisplayName(displayName)) faults.push(userError('DISPLAY_NAME_INVALID', ['input', 'displayName']));
    if (!isLocale(locale)) faults.push(userError('LOCALE_INVALID', ['input', 'locale']));
    const fault = this.policy.faultOf(password, { email: address?.canonical ?? '', displayName });
    if (fault !== null) faults.push(userError(fault, ['input', 'password']));
    return faults;
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    // RangeError is how Intl says that a tag is not well-formed.
    return false;
  }
}
