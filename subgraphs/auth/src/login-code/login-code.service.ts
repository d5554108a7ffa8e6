import { randomInt, timingSafeEqual } from 'node:crypto';
import { userLoginCodeRequested } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { Sealer } from '@orion/platform/sealing';
import type { DataSource, EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import { readEmail } from '../account/email-address.js';
import type { KeyedHash } from '../keyed-hash/keyed-hash.js';
import { attemptOf, recordLoginAttempt } from '../login-attempt/record-login-attempt.js';
import { LoginMethod, LoginRefusal } from '../login-attempt/login-attempt.types.js';
import { spend } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { noSoonerThan } from '../registration/no-sooner-than.js';
import { purgeUnproven } from '../registration/purge-unproven.js';
import type { SessionService } from '../session/session.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome, SignInService } from '../sign-in/sign-in.service.js';
import type { LoginWithCodeInput } from './login-code.types.js';

/** Purpose under which a code is sealed on its way to the mail. */
export const LOGIN_CODE_SEAL = 'mail:login-code';

const DIGITS = 8;
const LIFE_MINUTES = 10;
const ATTEMPTS = 5;
const MAILS: RateLimit = { purpose: 'mail-code', limit: 3, windowSeconds: 3_600 };
/** Longer than the database needs in any case, so that time does not tell which case it was. */
const ANSWER_MS = 50;

/** Signed in, asked for more, refused; `null`: the code is not good, or there is no such account. */
export type CodeLoginOutcome = SignInOutcome | null;

/** Eight digits and nothing else. */
export const isLoginCodeShaped = (code: string): boolean => /^[0-9]{8}$/.test(code);

/** Signs in with codes that are mailed. No answer tells whether an address has an account. */
export class LoginCodeService {
  constructor(
    private readonly database: DataSource,
    private readonly parts: {
      readonly sealer: Sealer;
      readonly hash: KeyedHash;
      readonly signIns: SignInService;
      readonly sessions: SessionService;
    },
  ) {}

  /** Mails a code when the address has an account: at most three an hour, whoever asks. Earlier ones stop working. */
  async request(typed: string): Promise<void> {
    const canonical = readEmail(typed)?.canonical;
    await noSoonerThan(ANSWER_MS, async () => {
      if (canonical === undefined) return;
      await this.database.transaction(async (manager) => {
        // Counted for every address alike, before it is known whether it has an account.
        if (!(await spend(manager, { ...MAILS, key: canonical }))) return;
        const account = await lockedAccount(manager, canonical);
        if (account?.status === AccountStatus.ACTIVE) await this.issue(manager, account);
      });
    });
  }

  async login({ email, code, deviceToken = null }: LoginWithCodeInput, origin: LoginOrigin): Promise<CodeLoginOutcome> {
    const canonical = readEmail(email)?.canonical;
    return noSoonerThan(ANSWER_MS, async () => {
      if (canonical === undefined) return null;
      return this.database.transaction(async (manager): Promise<CodeLoginOutcome> => {
        const account = await lockedAccount(manager, canonical);
        const userId = account?.id ?? null;
        const attempt = { email: canonical, userId, method: LoginMethod.EMAIL_CODE, ...origin };
        if (userId === null || !(await this.use(manager, userId, code))) {
          const reason = userId === null ? LoginRefusal.UNKNOWN_ACCOUNT : LoginRefusal.WRONG_CODE;
          await recordLoginAttempt(manager, { ...attempt, reason });
          return null;
        }
        // The mail arrived, so the address is theirs; what somebody else set up before that is not.
        await purgeUnproven(manager, userId, this.parts.sessions);
        const outcome = await this.parts.signIns.proceed(manager, { userId, methods: ['otp'], deviceToken, ...origin });
        await recordLoginAttempt(manager, { ...attempt, ...attemptOf(outcome) });
        return outcome;
      });
    });
  }

  private async issue(manager: EntityManager, { id: userId, email }: Account): Promise<void> {
    const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    const [row] = await manager.query<{ expires_at: Date }[]>(
      `INSERT INTO login_codes (user_id, hash, expires_at) VALUES ($1, $2, now() + make_interval(mins => $3))
       ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, attempts = 0, expires_at = excluded.expires_at
       RETURNING expires_at`,
      [userId, this.parts.hash.of(`${userId}:${code}`), LIFE_MINUTES],
    );
    if (row === undefined) throw new Error('the code was not kept');
    await publish(manager, [
      userLoginCodeRequested.of({
        userId,
        email,
        locale: null,
        code: this.parts.sealer.seal(code, LOGIN_CODE_SEAL),
        expiresAt: row.expires_at.toISOString(),
      }),
    ]);
  }

  /** Takes an attempt before the code is looked at, and uses the code up when it is right. */
  private async use(manager: EntityManager, userId: string, code: string): Promise<boolean> {
    const [[row]] = await manager.query<[{ hash: Buffer }[], number]>(
      `UPDATE login_codes SET attempts = attempts + 1
        WHERE user_id = $1 AND attempts < $2 AND expires_at > now() RETURNING hash`,
      [userId, ATTEMPTS],
    );
    if (row === undefined) return false;
    if (!this.parts.hash.all(`${userId}:${code}`).some((hash) => timingSafeEqual(hash, row.hash))) return false;
    const [used] = await manager.query<[unknown[], number]>(
      'DELETE FROM login_codes WHERE user_id = $1 AND hash = $2 RETURNING user_id',
      [userId, row.hash],
    );
    return used.length > 0;
  }
}

/** Whatever concerns the factors of one account takes turns. */
function lockedAccount(manager: EntityManager, emailCanonical: string): Promise<Account | null> {
  return manager.findOne(Account, { where: { emailCanonical }, lock: { mode: 'for_no_key_update' } });
}
