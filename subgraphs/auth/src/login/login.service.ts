import { userLogin } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { DataSource, EntityManager } from 'typeorm';
import { Account } from '../account/account.entity.js';
import type { AccountService } from '../account/account.service.js';
import { canonicalEmail } from '../account/email-address.js';
import type { DeviceService } from '../device/device.service.js';
import type { SessionService } from '../session/session.service.js';
import type { AuthTokens } from '../session/session.types.js';
import type { TokenPairService } from '../session/token-pair.service.js';
import type { loginErrors } from './login.errors.js';
import type { PasswordHasher } from './password-hasher.js';
import type { LoginInput } from './login.types.js';

const ATTEMPTS_PER_WINDOW = 5;
const WINDOW = '15 minutes';

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
    private readonly devices: DeviceService,
    private readonly sessions: SessionService,
    private readonly tokens: TokenPairService,
  ) {}

  async login(input: LoginInput, origin: LoginOrigin): Promise<LoginOutcome> {
    const email = canonicalEmail(input.email.trim());
    const account = email === null ? null : await this.accounts.findByEmail(email);
    // The attempt is taken before the check: of many guesses at once no more are checked than the window allows.
    const mayTry = account !== null && (await this.reserveAttempt(account.id));
    const matches = await this.hasher.verify(input.password, mayTry ? account.passwordHash : null);
    if (!mayTry || !matches) return { kind: 'refused', code: 'INVALID_CREDENTIALS' };
    if (account.emailVerifiedAt === null) return { kind: 'refused', code: 'EMAIL_NOT_VERIFIED' };
    const tokens = await this.database.transaction((manager) =>
      this.signIn(manager, { userId: account.id, deviceToken: input.deviceToken ?? null, ...origin }),
    );
    return { kind: 'signed-in', tokens };
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
    await manager.update(Account, { id: userId }, { failedAttempts: 0, lastLoginAt: new Date() });
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

  private async reserveAttempt(accountId: string): Promise<boolean> {
    const { affected } = await this.database
      .createQueryBuilder()
      .update(Account)
      .set({
        failedAttempts: () =>
          `CASE WHEN attempts_since < now() - interval '${WINDOW}' THEN 1 ELSE failed_attempts + 1 END`,
        attemptsSince: () =>
          `CASE WHEN attempts_since < now() - interval '${WINDOW}' THEN now() ELSE attempts_since END`,
      })
      .where('id = :accountId', { accountId })
      .andWhere(`(failed_attempts < :limit OR attempts_since < now() - interval '${WINDOW}')`, {
        limit: ATTEMPTS_PER_WINDOW,
      })
      .execute();
    return affected === 1;
  }
}
