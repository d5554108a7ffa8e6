import type { DataSource } from 'typeorm';
import { Account } from '../account/account.entity.js';
import type { DeviceService } from '../device/device.service.js';
import { LoginMethod, LoginRefusal } from '../login-attempt/login-attempt.types.js';
import { attemptOf, recordLoginAttempt } from '../login-attempt/record-login-attempt.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome, SignInService } from '../sign-in/sign-in.service.js';
import { isCodeShaped } from '../two-factor/second-factor.service.js';
import type { CodeFault, SecondFactorService } from '../two-factor/second-factor.service.js';
import type { MfaChallenges } from './mfa-challenges.js';
import type { CompleteMfaInput } from './mfa-challenge.types.js';

/** What became of a challenge. */
export type MfaOutcome = SignInOutcome | { readonly kind: 'not-met'; readonly code: CodeFault | 'INVALID_CHALLENGE' };

/** Lets in who met a challenge. */
export class CompleteMfaService {
  constructor(
    private readonly database: DataSource,
    private readonly challenges: MfaChallenges,
    private readonly factors: SecondFactorService,
    private readonly signIns: SignInService,
    private readonly devices: DeviceService,
  ) {}

  async complete({ challenge, method, code, trustDevice }: CompleteMfaInput, origin: LoginOrigin): Promise<MfaOutcome> {
    if (!isCodeShaped({ method, code })) return { kind: 'not-met', code: 'CODE_MALFORMED' };
    return this.database.transaction(async (manager): Promise<MfaOutcome> => {
      const ownerId = await this.challenges.ownerOf(manager, challenge);
      // The account first, as whoever changes its password or factors does: they take turns.
      if (ownerId !== null)
        await manager.findOne(Account, { where: { id: ownerId }, lock: { mode: 'for_no_key_update' } });
      const attempted = await this.challenges.attempt(manager, challenge);
      if (attempted === null) return { kind: 'not-met', code: 'INVALID_CHALLENGE' };
      const { userId, methods, deviceToken } = attempted;
      const attempt = { email: null, userId, method: firstFactorOf(methods), ...origin };
      const fault = await this.factors.use(manager, { userId, method, code, ...origin });
      if (fault !== null) {
        await recordLoginAttempt(manager, { ...attempt, reason: LoginRefusal.WRONG_CODE });
        return { kind: 'not-met', code: fault };
      }
      if (!(await this.challenges.consume(manager, challenge))) return { kind: 'not-met', code: 'INVALID_CHALLENGE' };
      const outcome = await this.signIns.complete(manager, {
        userId,
        methods: [...new Set([...methods, 'otp', 'mfa'])],
        deviceToken,
        ...origin,
      });
      await recordLoginAttempt(manager, { ...attempt, ...attemptOf(outcome) });
      if (trustDevice && outcome.kind === 'signed-in') {
        const { id: sessionId, deviceId } = outcome.tokens.session;
        await this.devices.trust(manager, { userId, deviceId, sessionId, ...origin });
      }
      return outcome;
    });
  }
}

/** With what the sign-in began. */
function firstFactorOf(methods: readonly string[]): LoginMethod {
  if (methods.includes('pwd')) return LoginMethod.PASSWORD;
  return methods.includes('otp') ? LoginMethod.EMAIL_CODE : LoginMethod.OAUTH;
}
