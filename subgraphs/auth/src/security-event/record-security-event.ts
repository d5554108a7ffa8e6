import { auditOf } from '@orion/platform/audit';
import { securityEventRecorded, suspiciousActivityDetected } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import { SecurityEvent } from './security-event.entity.js';
import { SecuritySeverity } from './security-event.types.js';
import type { SecurityEventType } from './security-event.types.js';

const SERVICE = 'auth';

/** Something to remember, and to tell those whom it concerns. */
export interface NewSecurityEvent {
  /** Null when it is no one account. */
  readonly userId: string | null;
  readonly type: SecurityEventType;
  readonly severity: SecuritySeverity;
  readonly sessionId?: string | null;
  readonly deviceId?: string | null;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
  /** Who did it, when it was not the owner of the account. */
  readonly actorId?: string;
  /** In the words of who did it; for the audit log, not for the owner. */
  readonly reason?: string | null;
  /** No secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Writes it down and announces it in the caller's transaction: to its owner (inbox and mail), to whoever listens, to the
 * audit log, and, when it looks like an attack, to operators.
 */
export async function recordSecurityEvent(
  manager: EntityManager,
  { actorId, reason = null, ...event }: NewSecurityEvent,
): Promise<void> {
  const row = manager.create(SecurityEvent, {
    sessionId: null,
    deviceId: null,
    ip: null,
    userAgent: null,
    details: {},
    ...event,
    id: uuidv7(),
    occurredAt: new Date(),
  });
  await manager.insert(SecurityEvent, { ...row });
  const { id, userId, type, severity, sessionId, deviceId, ip, userAgent } = row;
  const details = { ...event.details };
  const level = severity.toLowerCase() as Lowercase<SecuritySeverity>;
  await publish(manager, [
    securityEventRecorded.of({
      securityEventId: id,
      userId,
      kind: type.toLowerCase(),
      severity: level,
      sessionId,
      deviceId,
      ip,
      userAgent,
      actorId: actorId ?? null,
      details,
      occurredAt: row.occurredAt.toISOString(),
    }),
    auditOf(
      { userId: actorId ?? userId, ip, userAgent },
      {
        service: SERVICE,
        action: `security.${type.toLowerCase()}`,
        reason,
        targets: [userId === null ? { type: 'security-event', id } : { type: 'user', id: userId }],
        details,
      },
    ),
    ...(severity === SecuritySeverity.HIGH
      ? [suspiciousActivityDetected.of({ userId, sessionId, kind: type.toLowerCase(), severity: level, ip, userAgent })]
      : []),
  ]);
}
