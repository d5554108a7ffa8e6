import { auditOf } from '@orion/platform/audit';
import { userPasswordReset, userPasswordResetRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import { IsNull } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import { readEmail } from '../account/email-address.js';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import { endOldWaysIn } from '../password/end-old-ways-in.js';
import type { PasswordHasher } from '../password/password-hasher.js';
import type { PasswordPolicy } from '../password/password-policy.js';
import { spend } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { noSoonerThan } from '../registration/no-sooner-than.js';
import { purgeUnproven } from '../registration/purge-unproven.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { SessionService } from '../session/session.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { PasswordReset } from './password-reset.entity.js';
import type { ResetPasswordInput } from './password-reset.types.js';

/** Purpose under which the token of the link is sealed on its way to the mail. */
export const RESET_SEAL = 'mail:password-reset';

const RESET_SECONDS = 30 * 60;
const MAILS: RateLimit = { purpose: 'mail-reset', limit: 3, windowSeconds: 3_600 };
/** Longer than the database needs in any case, so that time does not tell which case it was. */
const ANSWER_MS = 50;

/** Sets passwords anew for those who lost them. No answer tells whether an address has an account. */
export class PasswordResetService {
  constructor(
    private readonly database: DataSource,
    private readonly parts: {
      readonly hasher: PasswordHasher;
      readonly policy: PasswordPolicy;
      readonly sealer: Sealer;
      readonly sessions: SessionService;
    },
  ) {}

  /** Mails a link when the address has an account: at most three an hour, whoever asks. */
  async request(typed: string, origin: LoginOrigin): Promise<void> {
    const canonical = readEmail(typed)?.canonical;
    await noSoonerThan(ANSWER_MS, async () => {
      if (canonical === undefined) return;
      await this.database.transaction(async (manager) => {
        // Counted for every address alike, before it is known whether it has an account.
        if (!(await spend(manager, { ...MAILS, key: canonical }))) return;
        const account = await manager.findOneBy(Account, { emailCanonical: canonical, status: AccountStatus.ACTIVE });
        if (account === null) return;
        await this.issue(manager, account.id, origin.ip);
        const targets = [{ type: 'user', id: account.id }];
        await publish(manager, [
          auditOf({ userId: null, ...origin }, { service: 'auth', action: 'password.reset_requested', targets }),
        ]);
      });
    });
  }

  /**
   * Makes a link and has it mailed to the address of the account, in the caller's transaction. Earlier ones stop working.
   * It goes to those without a password too: they set their first one.
   */
  async issue(manager: EntityManager, userId: string, ip: string | null = null): Promise<void> {
    const account = await manager.findOneOrFail(Account, {
      where: { id: userId },
      lock: { mode: 'pessimistic_write' },
    });
    const token = randomToken();
    const requestedAt = new Date();
    const expiresAt = new Date(requestedAt.getTime() + RESET_SECONDS * 1_000);
    await manager.delete(PasswordReset, { userId, consumedAt: IsNull() });
    await manager.insert(PasswordReset, { id: uuidv7(), userId, hash: hashToken(token), requestedAt, expiresAt, ip });
    await publish(manager, [
      userPasswordResetRequested.of({
        userId,
        email: account.email,
        locale: null,
        resetToken: this.parts.sealer.seal(token, RESET_SEAL),
        expiresAt: expiresAt.toISOString(),
      }),
    ]);
  }

  /** Returns what to correct; then nothing has changed, and a good token stays good. */
  async reset({ token, newPassword }: ResetPasswordInput, origin: LoginOrigin): Promise<UserError[]> {
    const { hasher, policy } = this.parts;
    const badToken = [userError('INVALID_TOKEN', ['input', 'token'])];
    const account = await this.ownerOf(token);
    if (account === null) return badToken;
    const fault = policy.faultOf(newPassword, account);
    if (fault !== null) return [userError(fault, ['input', 'newPassword'])];
    const passwordHash = await hasher.hash(newPassword);
    const isReset = await this.database.transaction(async (manager) => {
      // The account first, as whoever asks for another link does.
      await manager.findOne(Account, { where: { id: account.id }, lock: { mode: 'pessimistic_write' } });
      if (!(await consume(manager, token))) return false;
      await this.set(manager, { userId: account.id, passwordHash, origin });
      return true;
    });
    return isReset ? [] : badToken;
  }

  private async set(
    manager: EntityManager,
    {
      userId,
      passwordHash,
      origin,
    }: { readonly userId: string; readonly passwordHash: string; readonly origin: LoginOrigin },
  ): Promise<void> {
    const { sessions } = this.parts;
    // The mail arrived: whoever registered the address without proving it has no part in the account any more.
    await purgeUnproven(manager, userId, sessions);
    await manager.update(Account, { id: userId }, { passwordHash, passwordChangedAt: new Date() });
    await endOldWaysIn(manager, sessions, { userId, reason: 'password-reset' });
    await recordSecurityEvent(manager, {
      userId,
      type: SecurityEventType.PASSWORD_RESET,
      severity: SecuritySeverity.MEDIUM,
      ...origin,
    });
    await publish(manager, [userPasswordReset.of({ userId })]);
  }

  /** Whose token it is, while it can be used. */
  private ownerOf(token: string): Promise<Account | null> {
    return this.database.manager
      .createQueryBuilder(Account, 'account')
      .innerJoin(PasswordReset, 'reset', 'reset.userId = account.id')
      .where('reset.hash = :hash AND reset.consumed_at IS NULL AND reset.expires_at > now()', {
        hash: hashToken(token),
      })
      .andWhere('account.status = :status', { status: AccountStatus.ACTIVE })
      .getOne();
  }
}

/** One conditional UPDATE: of many concurrent uses exactly one gets the row. */
async function consume(manager: EntityManager, token: string): Promise<boolean> {
  const { affected } = await manager
    .createQueryBuilder()
    .update(PasswordReset)
    .set({ consumedAt: () => 'now()' })
    .where('hash = :hash AND consumed_at IS NULL AND expires_at > now()', { hash: hashToken(token) })
    .execute();
  return affected === 1;
}
