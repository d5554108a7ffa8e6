import { networkOf } from '@orion/platform/address';
import { uuidv7 } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import { hashToken } from '../one-time-token/one-time-token.service.js';
import type { LoginOrigin } from '../sign-in/login-origin.js';
import type { SignInOutcome } from '../sign-in/sign-in.service.js';
import { LoginOutcome, LoginRefusal } from './login-attempt.types.js';
import type { LoginMethod } from './login-attempt.types.js';

/** What the answers of the sign-in stand for after a right first factor. */
const REFUSALS: Readonly<Record<string, LoginRefusal>> = {
  INVALID_CREDENTIALS: LoginRefusal.UNKNOWN_ACCOUNT,
  EMAIL_NOT_VERIFIED: LoginRefusal.EMAIL_NOT_VERIFIED,
  ACCOUNT_DISABLED: LoginRefusal.ACCOUNT_DISABLED,
};

/** An attempt to sign in, to be remembered. */
export interface NewLoginAttempt extends LoginOrigin {
  /** Canonical; null when none was named. */
  readonly email: string | null;
  readonly userId: string | null;
  readonly method: LoginMethod;
  /** Null when it was not refused. */
  readonly reason: LoginRefusal | null;
  /** The first factor was right, and a second one is asked for. */
  readonly isChallenged?: boolean;
  readonly deviceId?: string | null;
}

/** Writes an attempt down, in the caller's transaction or by itself. */
export async function recordLoginAttempt(manager: EntityManager, attempt: NewLoginAttempt): Promise<void> {
  const { email, userId, method, reason, isChallenged = false, deviceId = null, ip, userAgent } = attempt;
  const outcome =
    reason !== null ? LoginOutcome.REFUSED : isChallenged ? LoginOutcome.CHALLENGED : LoginOutcome.SUCCEEDED;
  const network = ip === null ? null : networkOf(ip);
  const emailHash = email === null ? null : hashToken(email);
  // In plain SQL, as everything that each sign-in does: it costs half of what the query builder takes.
  await manager.query(
    `INSERT INTO login_attempts (id, email_hash, user_id, method, outcome, reason, ip, network, user_agent, device_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [uuidv7(), emailHash, userId, method, outcome, reason, ip, network, userAgent, deviceId],
  );
}

/** What to write down of what followed from a right first factor. */
export function attemptOf(outcome: SignInOutcome): Pick<NewLoginAttempt, 'reason' | 'isChallenged'> {
  return {
    reason: outcome.kind === 'refused' ? (REFUSALS[outcome.code] ?? LoginRefusal.OTHER) : null,
    isChallenged: outcome.kind === 'challenge',
  };
}
