import { auditRecorded } from '../event-contracts/index.js';
import type { PendingEvent } from '../events/index.js';
import type { RequestOrigin } from '../identity/index.js';
import { uuidv7 } from '../ids/index.js';

/** Who acts, and from where. */
export interface AuditActor {
  /** Null for the system itself, and for somebody who is not known. */
  readonly userId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** What is to be remembered of an action. */
export interface AuditedAction {
  readonly service: string;
  /** `<subject>.<what>`, for instance `password.changed`. */
  readonly action: string;
  readonly outcome?: 'success' | 'failure' | 'denied';
  /** The foremost first. */
  readonly targets: readonly { readonly type: string; readonly id: string }[];
  /** In the words of the actor; null when none were given. */
  readonly reason?: string | null;
  /** No secrets, and nothing that the reader of the log could not be shown. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The caller of a request as an actor. */
export function actorOf({
  viewer,
  clientIp,
  userAgent,
}: Pick<RequestOrigin, 'viewer' | 'clientIp' | 'userAgent'>): AuditActor {
  return { userId: viewer?.userId ?? null, ip: clientIp, userAgent };
}

/** A record for the audit log, to be published in the transaction of the action; the request's id travels in the envelope. */
export function auditOf(actor: AuditActor, action: AuditedAction): PendingEvent {
  return auditRecorded.of({
    auditId: uuidv7(),
    actorType: actor.userId === null ? 'system' : 'user',
    actorId: actor.userId,
    action: action.action,
    outcome: action.outcome ?? 'success',
    targets: [...action.targets],
    service: action.service,
    reason: action.reason ?? null,
    ip: actor.ip,
    userAgent: actor.userAgent,
    details: { ...action.details },
    occurredAt: new Date().toISOString(),
  });
}
