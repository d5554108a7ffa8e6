import { auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import type { DataSource, EntityManager } from 'typeorm';
import type { PasskeyService } from '../passkey/passkey.service.js';
import { Session } from '../session/session.entity.js';
import type { TokenPairService } from '../session/token-pair.service.js';
import { isCodeShaped } from '../two-factor/second-factor.service.js';
import type { SecondFactorService } from '../two-factor/second-factor.service.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { traceOf } from './caller.js';
import type { Caller } from './caller.js';
import { addMethods, lockOwnSession } from './own-session.js';
import type { OwnSession } from './own-session.js';
import type { PasswordProof } from './password-proof.js';
import type { ReauthenticateInput } from './step-up.types.js';

/** A new access token, or why there is none. */
export type StepUpOutcome =
  | { readonly kind: 'proved'; readonly token: string; readonly expiresAt: Date }
  | { readonly kind: 'refused'; readonly error: UserError };

/** How somebody proved it, or why not. */
type Proof = { readonly methods: readonly string[] } | { readonly error: UserError };

const refused = (error: UserError) => ({ kind: 'refused', error }) as const;

/** Asks somebody who is signed in who they are once more. */
export class StepUpService {
  constructor(
    private readonly database: DataSource,
    private readonly factors: SecondFactorService,
    private readonly passwords: PasswordProof,
    private readonly passkeys: PasskeyService,
    private readonly tokens: TokenPairService,
  ) {}

  async reauthenticate(caller: Caller, input: ReauthenticateInput): Promise<StepUpOutcome> {
    const { password = null, code = null, method, passkey = null } = input;
    if (password === null && code === null && passkey === null) return refused(userError('PROOF_MISSING', ['input']));
    if (code !== null && !isCodeShaped({ method, code }))
      return refused(userError('CODE_MALFORMED', ['input', 'code']));
    // Outside of the transaction, because it takes time.
    if (password !== null && !(await this.passwords.isRightOrNone(caller.viewer.userId, password)))
      return refused(userError('WRONG_PASSWORD', ['input', 'password']));
    return this.database.transaction(async (manager): Promise<StepUpOutcome> => {
      const own = await lockOwnSession(manager, caller.viewer);
      const proof = await this.proofOf(manager, { caller, own, input });
      if ('error' in proof) return refused(proof.error);
      return this.renew(manager, { caller, session: own.session, methods: proof.methods });
    });
  }

  private async proofOf(
    manager: EntityManager,
    {
      caller,
      own: { account },
      input: { password = null, code = null, method, passkey = null },
    }: { readonly caller: Caller; readonly own: OwnSession; readonly input: ReauthenticateInput },
  ): Promise<Proof> {
    if (passkey !== null) {
      const fault = await this.passkeys.reauthenticate(manager, caller, passkey);
      return fault === null ? { methods: ['hwk', 'user', 'mfa'] } : { error: userError(fault, ['input', 'passkey']) };
    }
    const known = password === null ? [] : ['pwd'];
    if (code !== null) {
      const { ip, userAgent } = caller;
      const fault = await this.factors.use(manager, { userId: account.id, method, code, ip, userAgent });
      return fault === null ? { methods: [...known, 'otp', 'mfa'] } : { error: userError(fault, ['input', 'code']) };
    }
    // Whoever found out the password alone must not get as far as with both.
    return (await this.factors.isEnabled(manager, account.id))
      ? { error: userError('SECOND_FACTOR_REQUIRED', ['input', 'code'], 'Give a code of your second factor.') }
      : { methods: known };
  }

  private async renew(
    manager: EntityManager,
    {
      caller,
      session,
      methods,
    }: { readonly caller: Caller; readonly session: Session; readonly methods: readonly string[] },
  ): Promise<StepUpOutcome> {
    await addMethods(manager, session, methods);
    await manager.query('UPDATE sessions SET authenticated_at = now() WHERE id = $1', [session.id]);
    await publish(manager, [
      auditOf(traceOf(caller), {
        service: 'auth',
        action: 'session.reauthenticated',
        targets: [{ type: 'session', id: session.id }],
        details: { methods },
      }),
    ]);
    const renewed = await manager.findOneByOrFail(Session, { id: session.id });
    const { token, expiresAt } = await this.tokens.access(manager, renewed);
    return { kind: 'proved', token, expiresAt };
  }
}
