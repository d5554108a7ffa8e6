import { GraphQLError } from 'graphql';
import type { DataSource } from 'typeorm';
import type { AccountService, StoredPassword } from '../account/account.service.js';
import { readEmail } from '../account/email-address.js';
import { knownDeviceId } from '../device/known-device.js';
import type { LoginGuard, LoginTry } from '../lockout/login-guard.js';
import { LoginMethod, LoginRefusal } from '../login-attempt/login-attempt.types.js';
import { attemptOf, recordLoginAttempt } from '../login-attempt/record-login-attempt.js';
import type { PasswordHasher } from '../password/password-hasher.js';
import type { PasswordPolicy } from '../password/password-policy.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome, SignInService } from '../sign-in/sign-in.service.js';
import type { LoginInput } from './login.types.js';

const BY_PASSWORD = ['pwd'];
const REFUSED: SignInOutcome = { kind: 'refused', code: 'INVALID_CREDENTIALS' };

/** Whose password was compared with what it should be. */
type Checked =
  | { readonly matches: true; readonly account: StoredPassword; readonly userId: string }
  | { readonly matches: false; readonly userId: string | null; readonly reason: LoginRefusal };

/** What the checks of passwords are made with. */
export interface LoginParts {
  readonly database: DataSource;
  readonly accounts: AccountService;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly guard: LoginGuard;
  readonly signIns: SignInService;
}

/** Checks passwords; what follows a right one is the same as for every other first factor. */
export class LoginService {
  constructor(private readonly parts: LoginParts) {}

  async login(input: LoginInput, origin: LoginOrigin): Promise<SignInOutcome> {
    const { database, guard, policy, signIns } = this.parts;
    // Nobody's password: refused by its size, before anything is looked up or hashed.
    if (policy.isOversized(input.password)) return REFUSED;
    const email = readEmail(input.email)?.canonical ?? null;
    const deviceToken = input.deviceToken ?? null;
    const deviceId =
      email === null || deviceToken === null ? null : await knownDeviceId(database.manager, { email, deviceToken });
    const login: LoginTry = { email, deviceId, ...origin };
    const attempt = { email, deviceId, method: LoginMethod.PASSWORD, ...origin };
    const checked = await guard
      .run(login, (mayTry) => this.check(login, { mayTry, password: input.password }))
      .catch(async (error: unknown) => {
        if (error instanceof GraphQLError)
          await recordLoginAttempt(database.manager, { ...attempt, userId: null, reason: LoginRefusal.RATE_LIMITED });
        throw error;
      });
    if (!checked.matches) {
      await recordLoginAttempt(database.manager, { ...attempt, userId: checked.userId, reason: checked.reason });
      return REFUSED;
    }
    const { userId } = checked;
    await this.renewHash(checked.account, input.password);
    return database.transaction(async (manager) => {
      const { passwordChangedAt } = checked.account;
      const proven = { userId, methods: BY_PASSWORD, deviceToken, passwordChangedAt, ...origin };
      const outcome = await signIns.proceed(manager, proven);
      await recordLoginAttempt(manager, { ...attempt, userId, ...attemptOf(outcome) });
      return outcome;
    });
  }

  /** Compares with the password of the account; where none may be tried, or there is none, with a decoy. */
  private async check(
    { email, deviceId }: LoginTry,
    { mayTry, password }: { readonly mayTry: boolean; readonly password: string },
  ): Promise<Checked> {
    const account = email === null ? null : await this.parts.accounts.passwordOf(email);
    const isLocked = !mayTry || (deviceId === null && (account?.lockedUntil ?? new Date(0)) > new Date());
    const stored = isLocked ? null : (account?.passwordHash ?? null);
    const matches = await this.parts.hasher.verify(password, stored);
    if (account === null) return { matches: false, userId: null, reason: LoginRefusal.UNKNOWN_ACCOUNT };
    const { id: userId } = account;
    if (matches) return { matches, account, userId };
    return { matches, userId, reason: reasonOf(account, isLocked) };
  }

  /** A password whose hash is not what would be made today gets a new one, unless it was changed meanwhile. */
  private async renewHash({ id, passwordHash: stored }: StoredPassword, password: string): Promise<void> {
    if (stored === null) return;
    const renewed = await this.parts.hasher.renew(password, stored);
    if (renewed === null) return;
    await this.parts.database.query(
      'UPDATE credentials SET password_hash = $3 WHERE user_id = $1 AND password_hash = $2',
      [id, stored, renewed],
    );
  }
}

function reasonOf({ passwordHash }: StoredPassword, isLocked: boolean): LoginRefusal {
  if (isLocked) return LoginRefusal.LOCKED;
  return passwordHash === null ? LoginRefusal.NO_PASSWORD : LoginRefusal.WRONG_PASSWORD;
}
