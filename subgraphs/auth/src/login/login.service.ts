import type { DataSource } from 'typeorm';
import type { Account } from '../account/account.entity.js';
import type { AccountService } from '../account/account.service.js';
import { readEmail } from '../account/email-address.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome, SignInService } from '../sign-in/sign-in.service.js';
import type { LoginAttempts } from './login-attempts.js';
import type { LoginInput } from './login.types.js';
import type { PasswordHasher } from './password-hasher.js';

const BY_PASSWORD = ['pwd'];

/** Checks passwords; what follows a right one is the same as for every other first factor. */
export class LoginService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountService,
    private readonly hasher: PasswordHasher,
    private readonly attempts: LoginAttempts,
    private readonly signIns: SignInService,
  ) {}

  async login(input: LoginInput, origin: LoginOrigin): Promise<SignInOutcome> {
    const email = readEmail(input.email)?.canonical ?? null;
    const { account } =
      email === null
        ? await this.check(null, input.password)
        : await this.attempts.run(email, (mayTry) => this.check(mayTry ? email : null, input.password));
    if (account === null) return { kind: 'refused', code: 'INVALID_CREDENTIALS' };
    const deviceToken = input.deviceToken ?? null;
    return this.database.transaction((manager) =>
      this.signIns.proceed(manager, { userId: account.id, methods: BY_PASSWORD, deviceToken, ...origin }),
    );
  }

  /** The account when the password is right; without an address, or with one that has no account, a decoy is checked. */
  private async check(
    email: string | null,
    password: string,
  ): Promise<{ readonly matches: boolean; readonly account: Account | null }> {
    const account = email === null ? null : await this.accounts.findByEmail(email);
    const matches = await this.hasher.verify(password, account?.passwordHash ?? null);
    return { matches, account: matches ? account : null };
  }
}
