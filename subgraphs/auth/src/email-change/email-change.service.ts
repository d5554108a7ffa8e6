import { auditOf } from '@orion/platform/audit';
import { userEmailChanged, userEmailChangeRequested, userRegistrationRepeated } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { Viewer } from '@orion/platform/identity';
import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import { IsNull, QueryFailedError } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import { readEmail } from '../account/email-address.js';
import type { EmailAddress } from '../account/email-address.js';
import { OneTimeToken } from '../one-time-token/one-time-token.entity.js';
import { hashToken, randomToken } from '../one-time-token/one-time-token.service.js';
import { endOldWaysIn } from '../password/end-old-ways-in.js';
import { spend } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { noSoonerThan } from '../registration/no-sooner-than.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { requireLiveSession } from '../session/live-session.js';
import type { SessionService } from '../session/session.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { EmailChange } from './email-change.entity.js';

/** Purpose under which the token of the link is sealed on its way to the mail. */
export const EMAIL_CHANGE_SEAL = 'mail:email-change';

const CHANGE_SECONDS = 60 * 60;
/** Of one user, and to one address: the same limit as for every other mail that somebody causes by naming it. */
const MAILS: RateLimit = { purpose: 'mail', limit: 3, windowSeconds: 3_600 };
/** Longer than the database needs in any case, so that time does not tell whether the address has an account. */
const ANSWER_MS = 50;
const UNIQUE_VIOLATION = '23505';

/** Gives accounts other addresses. */
export class EmailChangeService {
  constructor(
    private readonly database: DataSource,
    private readonly sealer: Sealer,
    private readonly sessions: SessionService,
  ) {}

  /** Mails a link to the new address, and a notice to the present one. Returns what to correct. */
  async request(viewer: Viewer, typed: string, origin: LoginOrigin): Promise<UserError[]> {
    const address = readEmail(typed);
    if (address === null) return [userError('EMAIL_INVALID', ['input', 'newEmail'])];
    return noSoonerThan(ANSWER_MS, () =>
      this.database.transaction(async (manager) => {
        await requireLiveSession(manager, viewer);
        const account = await manager.findOneOrFail(Account, {
          where: { id: viewer.userId },
          lock: { mode: 'pessimistic_write' },
        });
        if (account.email === address.spelling) return [userError('EMAIL_UNCHANGED', ['input', 'newEmail'])];
        const mayMail =
          (await spend(manager, { ...MAILS, key: address.canonical })) &&
          (await spend(manager, { ...MAILS, key: `change ${viewer.userId}` }));
        if (mayMail) await this.mail(manager, account, { address, sessionId: viewer.sessionId, ip: origin.ip });
        const { userId } = viewer;
        const targets = [{ type: 'user', id: userId }];
        await publish(manager, [
          auditOf({ userId, ...origin }, { service: 'auth', action: 'email.change_requested', targets }),
        ]);
        return [];
      }),
    );
  }

  /** Returns what went wrong; then the address stays. */
  async confirm(token: string, origin: LoginOrigin): Promise<UserError[]> {
    try {
      const isChanged = await this.database.transaction((manager) => this.apply(manager, token, origin));
      return isChanged ? [] : [userError('INVALID_TOKEN', ['input', 'token'])];
    } catch (error) {
      // Only the index knows: between a look and the write somebody else may register the address.
      if (isAddressTaken(error)) return [userError('EMAIL_TAKEN', ['input', 'token'])];
      throw error;
    }
  }

  /** An address that has an account is told so instead: whoever asks does not learn it. */
  private async mail(
    manager: EntityManager,
    { id: userId, email }: Account,
    {
      address,
      sessionId,
      ip,
    }: { readonly address: EmailAddress; readonly sessionId: string; readonly ip: string | null },
  ): Promise<void> {
    const holder = await manager.findOneBy(Account, { emailCanonical: address.canonical });
    if (holder !== null && holder.id !== userId) {
      await publish(manager, [userRegistrationRepeated.of({ userId: holder.id, email: holder.email, locale: null })]);
      return;
    }
    const token = randomToken();
    const requestedAt = new Date();
    const expiresAt = new Date(requestedAt.getTime() + CHANGE_SECONDS * 1_000);
    await manager.delete(EmailChange, { userId, consumedAt: IsNull() });
    await manager.insert(EmailChange, {
      id: uuidv7(),
      userId,
      hash: hashToken(token),
      email: address.spelling,
      emailCanonical: address.canonical,
      requestedAt,
      expiresAt,
      sessionId,
      ip,
    });
    await publish(manager, [
      userEmailChangeRequested.of({
        userId,
        email,
        newEmail: address.spelling,
        locale: null,
        changeToken: this.sealer.seal(token, EMAIL_CHANGE_SEAL),
        expiresAt: expiresAt.toISOString(),
      }),
    ]);
  }

  private async apply(manager: EntityManager, token: string, origin: LoginOrigin): Promise<boolean> {
    const wanted = await manager.findOneBy(EmailChange, { hash: hashToken(token) });
    if (wanted === null) return false;
    const { userId } = wanted;
    // The account first, as whoever asks for another change does.
    const account = await manager.findOne(Account, {
      where: { id: userId, status: AccountStatus.ACTIVE },
      lock: { mode: 'pessimistic_write' },
    });
    if (account === null || !(await consume(manager, token))) return false;
    const { email, emailCanonical, sessionId } = wanted;
    // Under the old address, so that its locks go as well.
    await endOldWaysIn(manager, this.sessions, {
      userId,
      reason: 'email-changed',
      ...(sessionId === null ? {} : { exceptId: sessionId }),
    });
    await manager.update(Account, { id: userId }, { email, emailCanonical, emailVerifiedAt: new Date() });
    await manager.delete(OneTimeToken, { userId });
    await recordSecurityEvent(manager, {
      userId,
      type: SecurityEventType.EMAIL_CHANGED,
      severity: SecuritySeverity.MEDIUM,
      ...origin,
    });
    await publish(manager, [userEmailChanged.of({ userId, email })]);
    return true;
  }
}

/** One conditional UPDATE: of many concurrent uses exactly one gets the row. */
async function consume(manager: EntityManager, token: string): Promise<boolean> {
  const { affected } = await manager
    .createQueryBuilder()
    .update(EmailChange)
    .set({ consumedAt: () => 'now()' })
    .where('hash = :hash AND consumed_at IS NULL AND expires_at > now()', { hash: hashToken(token) })
    .execute();
  return affected === 1;
}

function isAddressTaken(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { readonly code?: string }).code === UNIQUE_VIOLATION;
}
