import type { Sealer } from '@orion/platform/sealing';
import type { EntityManager } from 'typeorm';
import { readBackupCode } from '../backup-code/backup-codes.js';
import type { BackupCodes } from '../backup-code/backup-codes.js';
import { recordSecurityEvent } from '../security-event/record-security-event.js';
import { SecurityEventType, SecuritySeverity } from '../security-event/security-event.types.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import { MfaMethod } from '../sign-in/sign-in.types.js';
import { isTotpShaped, stepOfCode, TOTP_SEAL } from './totp.js';

/** Wrong codes, however many challenges they are spread over, until none is taken for a while. */
const MOST_WRONG = 10;
const LOCK_MINUTES = 15;

// A lock that is over begins a new count. All of it is of the row itself, so that nothing else can be in between.
const COUNTED = '(CASE WHEN locked_until IS NULL THEN failed_count + 1 ELSE 1 END)';

/** A code that somebody gives. */
export interface GivenCode {
  readonly method: MfaMethod;
  readonly code: string;
}

/** Why a code was not taken; null when it was. */
export type CodeFault = 'CODE_MALFORMED' | 'INVALID_CODE' | 'TOO_MANY_ATTEMPTS' | 'MFA_NOT_ENABLED';

/** Whether it could be a code at all. Asked before anything is counted. */
export function isCodeShaped({ method, code }: GivenCode): boolean {
  return method === MfaMethod.TOTP ? isTotpShaped(code) : readBackupCode(code) !== null;
}

/** Checks second factors. */
export class SecondFactorService {
  constructor(
    private readonly sealer: Sealer,
    private readonly backupCodes: BackupCodes,
  ) {}

  async isEnabled(manager: EntityManager, userId: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      'SELECT 1 FROM two_factor_auth WHERE user_id = $1 AND confirmed_at IS NOT NULL',
      [userId],
    );
    return rows.length > 0;
  }

  /**
   * Uses a code up, in the caller's transaction, which must commit also when the code was not taken: the attempt is
   * counted before the code is looked at, so that of many guesses at once no more are checked than may be. A right code
   * forgets what was counted; a new sign-in does not.
   */
  async use(
    manager: EntityManager,
    { userId, method, code, ip, userAgent }: GivenCode & LoginOrigin & { readonly userId: string },
  ): Promise<CodeFault | null> {
    if (!isCodeShaped({ method, code })) return 'CODE_MALFORMED';
    const attempt = await this.reserve(manager, userId);
    if (attempt === null) return (await this.isEnabled(manager, userId)) ? 'TOO_MANY_ATTEMPTS' : 'MFA_NOT_ENABLED';
    const isRight =
      method === MfaMethod.TOTP
        ? await this.useTotp(manager, { userId, code, sealed: attempt.secretSealed })
        : await this.useBackupCode(manager, { userId, code, ip, userAgent });
    if (isRight) {
      await manager.query('UPDATE two_factor_auth SET failed_count = 0, locked_until = NULL WHERE user_id = $1', [
        userId,
      ]);
      return null;
    }
    if (attempt.isLast) {
      await recordSecurityEvent(manager, {
        userId,
        type: SecurityEventType.TWO_FACTOR_LOCKED,
        severity: SecuritySeverity.HIGH,
        ip,
        userAgent,
        details: { minutes: LOCK_MINUTES },
      });
    }
    return 'INVALID_CODE';
  }

  /** Counts an attempt as wrong until it turns out to be right. Null when none is left, or nothing is set up. */
  private async reserve(
    manager: EntityManager,
    userId: string,
  ): Promise<{ readonly secretSealed: string; readonly isLast: boolean } | null> {
    const [[row]] = await manager.query<[{ secret_sealed: string; is_last: boolean }[], number]>(
      `UPDATE two_factor_auth SET
         failed_count = ${COUNTED},
         locked_until = CASE WHEN ${COUNTED} >= $2 THEN now() + make_interval(mins => $3) END
       WHERE user_id = $1 AND confirmed_at IS NOT NULL AND (locked_until IS NULL OR locked_until <= now())
       RETURNING secret_sealed, locked_until IS NOT NULL AS is_last`,
      [userId, MOST_WRONG, LOCK_MINUTES],
    );
    return row === undefined ? null : { secretSealed: row.secret_sealed, isLast: row.is_last };
  }

  private async useTotp(
    manager: EntityManager,
    { userId, code, sealed }: { readonly userId: string; readonly code: string; readonly sealed: string },
  ): Promise<boolean> {
    const step = stepOfCode(this.sealer.open(sealed, TOTP_SEAL), code);
    if (step === null) return false;
    // One conditional UPDATE: a code is taken once, and none of an earlier step after it (RFC 6238 section 5.2).
    const [taken] = await manager.query<[unknown[], number]>(
      'UPDATE two_factor_auth SET last_step = $2 WHERE user_id = $1 AND last_step < $2 RETURNING user_id',
      [userId, step],
    );
    return taken.length > 0;
  }

  private async useBackupCode(
    manager: EntityManager,
    { userId, code, ip, userAgent }: LoginOrigin & { readonly userId: string; readonly code: string },
  ): Promise<boolean> {
    const left = await this.backupCodes.use(manager, userId, readBackupCode(code) ?? '');
    if (left === null) return false;
    await recordSecurityEvent(manager, {
      userId,
      type: SecurityEventType.BACKUP_CODE_USED,
      severity: SecuritySeverity.MEDIUM,
      ip,
      userAgent,
      details: { left },
    });
    return true;
  }
}
