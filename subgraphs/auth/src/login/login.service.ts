import { userLogin } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import type { AccountService } from '../account/account.service.js';
import { readEmail } from '../account/email-address.js';
import type { DeviceService } from '../device/device.service.js';
import type { SessionService } from '../session/session.service.js';
import type { AuthTokens } from '../session/session.types.js';
import type { TokenPairService } from '../session/token-pair.service.js';
import type { LoginAttempts } from './login-attempts.js';
import type { loginErrors } from './login.errors.js';
import type { PasswordHasher } from './password-hasher.js';
import type { LoginInput } from './login.types.js';

/** Where a login comes from. */
export interface LoginOrigin {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Signed in, or the code of what stands against it. */
export type LoginOutcome =
  | { readonly kind: 'signed-in'; readonly tokens: AuthTokens }
  | { readonly kind: 'refused'; readonly code: keyof typeof loginErrors };

/** Checks passwords and begins sessions. */
export class LoginService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountService,
    private readonly hasher: PasswordHasher,
    private readonly attempts: LoginAttempts,
    private readonly devices: DeviceService,
    private readonly sessions: SessionService,
    private readonly tokens: TokenPairService,
  ) {}

  async login(input: LoginInput, origin: LoginOrigin): Promise<LoginOutcome> {
    const email = readEmail(input.email)?.canonical ?? null;
    const { account } =
      email === null
        ? await this.check(null, input.password)
        : await this.attempts.run(email, (mayTry) => this.check(mayTry ? email : null, input.password));
    if (account === null) return { kind: 'refused', code: 'INVALID_CREDENTIALS' };
    if (account.emailVerifiedAt === null) return { kind: 'refused', code: 'EMAIL_NOT_VERIFIED' };
    const tokens = await this.database.transaction((manager) =>
      this.signIn(manager, { userId: account.id, deviceToken: input.deviceToken ?? null, ...origin }),
    );
    return { kind: 'signed-in', tokens };
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

  private async signIn(
    manager: EntityManager,
    {
      userId,
      deviceToken,
      ip,
      userAgent,
    }: LoginOrigin & { readonly userId: string; readonly deviceToken: string | null },
  ): Promise<AuthTokens> {
    await manager.update(Account, { id: userId }, { lastLoginAt: new Date() });
    const device = await this.devices.recognise(manager, { userId, token: deviceToken, userAgent });
    const session = await this.sessions.begin(manager, {
      userId,
      deviceId: device.id,
      ip,
      userAgent,
      methods: ['pwd'],
    });
    const pair = await this.tokens.issue(manager, session);
    await publish(manager, [
      userLogin.of({ userId, sessionId: session.id, deviceId: device.id, isNewDevice: device.isNew, ip, userAgent }),
    ]);
    return { ...pair, deviceToken: device.token };
  }
}
