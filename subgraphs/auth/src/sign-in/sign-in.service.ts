import { userLogin } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';
import { Account, AccountStatus } from '../account/account.entity.js';
import type { DeviceService } from '../device/device.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { SessionService } from '../session/session.service.js';
import type { AuthTokens } from '../session/session.types.js';
import type { TokenPairService } from '../session/token-pair.service.js';
import type { LoginOrigin } from './login-origin.js';
import type { signInErrors } from './sign-in.errors.js';
import type { MfaChallenge } from './sign-in.types.js';

/** Somebody who proved who they are with one factor, or with all that are asked for. */
export interface ProvenIdentity extends LoginOrigin {
  readonly userId: string;
  /** How (RFC 8176): `pwd`, `otp`, `hwk`, `fed` and so on. */
  readonly methods: readonly string[];
  /** The secret that the device kept since an earlier sign-in. */
  readonly deviceToken: string | null;
  /** When the password that was compared was set; left out when none was. With another one nothing is proved. */
  readonly passwordChangedAt?: Date | null;
}

/** Signed in, asked for more, or refused. */
export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly tokens: AuthTokens }
  | { readonly kind: 'challenge'; readonly challenge: MfaChallenge }
  | { readonly kind: 'refused'; readonly code: keyof typeof signInErrors };

/** Decides whether more is to be proved. Null when what was proved is enough. */
export interface SecondFactors {
  challengeFor(manager: EntityManager, proven: ProvenIdentity): Promise<MfaChallenge | null>;
}

/** The one way from a proof of identity to tokens, whatever the proof was. */
export class SignInService {
  constructor(
    private readonly devices: DeviceService,
    private readonly sessions: SessionService,
    private readonly tokens: TokenPairService,
    private readonly secondFactors: SecondFactors,
  ) {}

  /** After a first factor, in the caller's transaction. */
  async proceed(manager: EntityManager, proven: ProvenIdentity): Promise<SignInOutcome> {
    const refusal = await this.refusalOf(manager, proven);
    if (refusal !== null) return { kind: 'refused', code: refusal };
    const challenge = await this.secondFactors.challengeFor(manager, proven);
    return challenge === null ? this.begin(manager, proven) : { kind: 'challenge', challenge };
  }

  /** After all factors, in the caller's transaction. */
  async complete(manager: EntityManager, proven: ProvenIdentity): Promise<SignInOutcome> {
    const refusal = await this.refusalOf(manager, proven);
    return refusal === null ? this.begin(manager, proven) : { kind: 'refused', code: refusal };
  }

  /** The account is locked until the commit: nobody is let in while it is being closed. */
  private async refusalOf(
    manager: EntityManager,
    { userId, passwordChangedAt }: ProvenIdentity,
  ): Promise<keyof typeof signInErrors | null> {
    const account = await manager.findOne(Account, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
    if (account === null || account.status === AccountStatus.DELETED) return 'INVALID_CREDENTIALS';
    if (passwordChangedAt !== undefined && !isStillThePassword(account, passwordChangedAt))
      return 'INVALID_CREDENTIALS';
    if (account.emailVerifiedAt === null) return 'EMAIL_NOT_VERIFIED';
    return account.status === AccountStatus.DISABLED ? 'ACCOUNT_DISABLED' : null;
  }

  private async begin(
    manager: EntityManager,
    { userId, methods, deviceToken, ip, userAgent }: ProvenIdentity,
  ): Promise<SignInOutcome> {
    // Before it is known of this sign-in: whether the account was used already decides what a new device means.
    const device = await this.devices.recognise(manager, { userId, token: deviceToken, userAgent });
    await manager.update(Account, { id: userId }, { lastLoginAt: new Date() });
    const session = await this.sessions.begin(manager, { userId, deviceId: device.id, ip, userAgent, methods });
    const pair = await this.tokens.issue(manager, session);
    await publish(manager, [
      userLogin.of({ userId, sessionId: session.id, deviceId: device.id, isNewDevice: device.isNew, ip, userAgent }),
    ]);
    if (device.isNew) {
      await recordSecurityEvent(manager, {
        userId,
        type: SecurityEventType.LOGIN_ON_NEW_DEVICE,
        severity: SecuritySeverity.MEDIUM,
        sessionId: session.id,
        deviceId: device.id,
        ip,
        userAgent,
      });
    }
    return { kind: 'signed-in', tokens: { ...pair, deviceToken: device.token } };
  }
}

/** False when it was changed, or taken away, between the comparison and now. */
function isStillThePassword({ passwordHash, passwordChangedAt }: Account, compared: Date | null): boolean {
  return passwordHash !== null && passwordChangedAt?.getTime() === compared?.getTime();
}
