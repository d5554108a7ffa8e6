import { auditRecorded } from '@orion/platform/event-contracts';
import type { PendingEvent } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';

/** Who operates, and from where. */
export interface Operator {
  readonly userId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** The viewer of a request. Throws UNAUTHENTICATED when nobody is signed in. */
export function operatorOf(context: SubgraphContext): Operator {
  return { userId: viewerOf(context).userId, ip: context.clientIp, userAgent: context.userAgent };
}

/** Something for the audit log; the request's id travels in the envelope. */
export function auditOf(
  operator: Operator,
  record: {
    readonly action: string;
    readonly targets: readonly { readonly type: string; readonly id: string }[];
    readonly reason: string | null;
    readonly details: Readonly<Record<string, unknown>>;
  },
): PendingEvent {
  return auditRecorded.of({
    auditId: uuidv7(),
    actorType: 'user',
    actorId: operator.userId,
    action: record.action,
    outcome: 'success',
    targets: [...record.targets],
    service: 'notification',
    reason: record.reason,
    ip: operator.ip,
    userAgent: operator.userAgent,
    details: { ...record.details },
    occurredAt: new Date().toISOString(),
  });
}
