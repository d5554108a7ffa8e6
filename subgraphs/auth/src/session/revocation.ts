import type { AuditActor } from '@orion/platform/audit';

/** Why a session ended. Goes into `session.revoked` as it is. */
export type RevocationReason =
  | 'logout'
  | 'revoked'
  | 'refresh-reuse'
  | 'too-many-sessions'
  | 'device-revoked'
  | 'password-changed'
  | 'password-reset'
  | 'email-changed'
  | 'two-factor-changed'
  | 'unproven'
  | 'administrator'
  | 'account-disabled'
  | 'account-deleted'
  | 'impersonation-ended';

/** Which sessions of a user to end; `exceptId` spares one, `onlyId` names one, `deviceId` those of a device. */
export interface RevocationScope {
  readonly userId: string;
  readonly onlyId?: string;
  readonly exceptId?: string;
  readonly deviceId?: string;
  readonly reason: RevocationReason;
  /** Who asked for just this, for the audit log; absent when it follows from something that is audited itself. */
  readonly actor?: AuditActor;
}
