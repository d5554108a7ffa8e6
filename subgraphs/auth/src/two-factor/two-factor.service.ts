import { auditOf } from '@orion/platform/audit';
import { publish } from '@orion/platform/events';
import type { BatchLoad } from '@orion/platform/loading';
import type { Sealer } from '@orion/platform/sealing';
import { toString as toQrCode } from 'qrcode';
import type { DataSource, EntityManager } from 'typeorm';
import type { BackupCodes } from '../backup-code/backup-codes.js';
import { untrustDevices } from '../device/untrust-devices.js';
import { spend } from '../rate-limit/rate-limit.service.js';
import type { RateLimit } from '../rate-limit/rate-limit.service.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import { MfaMethod } from '../sign-in/sign-in.types.js';
import { traceOf } from '../step-up/caller.js';
import type { Caller } from '../step-up/caller.js';
import { addMethods, gaveSecondFactor, lockOwnSession } from '../step-up/own-session.js';
import type { PasswordProof } from '../step-up/password-proof.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { removeSecondFactors } from './remove-factors.js';
import { isCodeShaped } from './second-factor.service.js';
import type { SecondFactorService } from './second-factor.service.js';
import { isTotpShaped, newTotpSecret, otpauthUri, stepOfCode, TOTP_SEAL } from './totp.js';
import { TwoFactorAuth } from './two-factor.entity.js';
import type { ChangeTwoFactorInput, TwoFactorStatus } from './two-factor.types.js';

const METHOD = 'TOTP';
const ENROLLMENT_MINUTES = 15;
const ENROLLMENT_CODES: RateLimit = { purpose: 'totp-enrollment', limit: 10, windowSeconds: 15 * 60 };

/** What an authenticator app is given. */
export interface Enrollment {
  readonly secret: string;
  readonly otpauthUri: string;
  readonly qrSvg: string;
}

/** Either what was asked for, or why not. */
export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'refused'; error: UserError };

const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value });
const refused = (error: UserError): Outcome<never> => ({ kind: 'refused', error });

/** Sets the second factor of an account up, and takes it away. */
export class TwoFactorService {
  constructor(
    private readonly database: DataSource,
    private readonly sealer: Sealer,
    private readonly parts: {
      readonly factors: SecondFactorService;
      readonly backupCodes: BackupCodes;
      readonly passwords: PasswordProof;
      /** What authenticator apps show. */
      readonly issuer: string;
    },
  ) {}

  /** For many users at once. */
  readonly statusOfUsers: BatchLoad<string, TwoFactorStatus> = async (userIds) => {
    const rows = await this.database.query<{ confirmed_at: Date | null; codes_left: number }[]>(
      `SELECT t.confirmed_at, (SELECT count(*)::int FROM backup_codes b
                                WHERE b.user_id = owner.id AND b.used_at IS NULL) AS codes_left
         FROM unnest($1::uuid[]) WITH ORDINALITY AS owner (id, place)
         LEFT JOIN two_factor_auth t ON t.user_id = owner.id ORDER BY owner.place`,
      [userIds],
    );
    return rows.map(({ confirmed_at: confirmedAt, codes_left: backupCodesLeft }) => ({
      enabled: confirmedAt !== null,
      methods: confirmedAt === null ? [] : [MfaMethod.TOTP, MfaMethod.BACKUP_CODE],
      confirmedAt,
      backupCodesLeft,
    }));
  };

  /** Makes a secret that waits for its first code. One that is confirmed goes on until then. */
  async start(caller: Caller): Promise<Outcome<Enrollment>> {
    const secret = newTotpSecret();
    const label = await this.database.transaction(async (manager) => {
      const { account, session } = await lockOwnSession(manager, caller.viewer);
      // Else whoever has the password and a device that is trusted could put a factor of theirs in place of the owner's.
      if ((await this.parts.factors.isEnabled(manager, account.id)) && !gaveSecondFactor(session)) return null;
      await manager.query(
        `INSERT INTO two_factor_auth (user_id, method, pending_secret_sealed, pending_expires_at)
         VALUES ($1, $2, $3, now() + make_interval(mins => $4))
         ON CONFLICT (user_id, method) DO UPDATE SET
           pending_secret_sealed = excluded.pending_secret_sealed, pending_expires_at = excluded.pending_expires_at`,
        [account.id, METHOD, this.sealer.seal(secret, TOTP_SEAL), ENROLLMENT_MINUTES],
      );
      await publish(manager, [
        auditOf(traceOf(caller), {
          service: 'auth',
          action: 'two-factor.enrollment_started',
          targets: [{ type: 'user', id: account.id }],
        }),
      ]);
      return account.email;
    });
    if (label === null) return refused(userError('SECOND_FACTOR_REQUIRED'));
    const uri = otpauthUri({ secret, issuer: this.parts.issuer, label });
    return done({ secret, otpauthUri: uri, qrSvg: await toQrCode(uri, { type: 'svg', margin: 1 }) });
  }

  /** From now on a second factor is asked for. Returns backup codes. */
  async confirm(caller: Caller, code: string): Promise<Outcome<string[]>> {
    const path = ['input', 'code'];
    if (!isTotpShaped(code)) return refused(userError('CODE_MALFORMED', path));
    return this.database.transaction(async (manager) => {
      const { account, session } = await lockOwnSession(manager, caller.viewer);
      if (!(await spend(manager, { ...ENROLLMENT_CODES, key: account.id })))
        return refused(userError('TOO_MANY_ATTEMPTS', path));
      const pending = (await manager.findOneBy(TwoFactorAuth, { userId: account.id }))?.pendingSecretSealed ?? null;
      if (pending === null) return refused(userError('ENROLLMENT_NOT_STARTED'));
      const step = stepOfCode(this.sealer.open(pending, TOTP_SEAL), code);
      if (step === null) return refused(userError('INVALID_CODE', path));
      // The code is used up with it: it does not work at the next sign-in.
      const [confirmed] = await manager.query<[unknown[], number]>(
        `UPDATE two_factor_auth SET secret_sealed = pending_secret_sealed, pending_secret_sealed = NULL,
           pending_expires_at = NULL, confirmed_at = now(), last_step = $3, failed_count = 0, locked_until = NULL
         WHERE user_id = $1 AND pending_secret_sealed = $2 AND pending_expires_at > now() RETURNING user_id`,
        [account.id, pending, step],
      );
      if (confirmed.length === 0) return refused(userError('ENROLLMENT_NOT_STARTED'));
      await untrustDevices(manager, account.id);
      await addMethods(manager, session, ['otp', 'mfa']);
      await this.record(manager, caller, SecurityEventType.TWO_FACTOR_ENABLED);
      return done(await this.parts.backupCodes.replace(manager, account.id));
    });
  }

  /** From now on no second factor is asked for. Needs the password and a code. */
  async disable(caller: Caller, input: ChangeTwoFactorInput): Promise<Outcome<null>> {
    return this.withProof(caller, input, async (manager, userId) => {
      await removeSecondFactors(manager, userId);
      await this.record(manager, caller, SecurityEventType.TWO_FACTOR_DISABLED);
      return null;
    });
  }

  /** New backup codes; the old ones stop working. Needs the password and a code. */
  async regenerate(caller: Caller, input: ChangeTwoFactorInput): Promise<Outcome<string[]>> {
    return this.withProof(caller, input, async (manager, userId) => {
      const codes = await this.parts.backupCodes.replace(manager, userId);
      await this.record(manager, caller, SecurityEventType.BACKUP_CODES_REGENERATED);
      return codes;
    });
  }

  private async withProof<T>(
    caller: Caller,
    { code, method, password = null }: ChangeTwoFactorInput,
    change: (manager: EntityManager, userId: string) => Promise<T>,
  ): Promise<Outcome<T>> {
    const path = ['input', 'code'];
    if (!isCodeShaped({ method, code })) return refused(userError('CODE_MALFORMED', path));
    const { userId } = caller.viewer;
    if (!(await this.parts.passwords.isRightOrNone(userId, password)))
      return refused(userError('WRONG_PASSWORD', ['input', 'password']));
    return this.database.transaction(async (manager) => {
      await lockOwnSession(manager, caller.viewer);
      const fault = await this.parts.factors.use(manager, {
        userId,
        method,
        code,
        ip: caller.ip,
        userAgent: caller.userAgent,
      });
      return fault === null ? done(await change(manager, userId)) : refused(userError(fault, path));
    });
  }

  private record(manager: EntityManager, caller: Caller, type: SecurityEventType): Promise<void> {
    return recordSecurityEvent(manager, { ...traceOf(caller), type, severity: SecuritySeverity.MEDIUM });
  }
}
