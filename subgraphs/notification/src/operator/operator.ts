import { auditOf as recordOf } from '@orion/platform/audit';
import type { AuditedAction } from '@orion/platform/audit';
import type { PendingEvent } from '@orion/platform/events';
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

/** Something for the audit log that an operator did here. */
export function auditOf(operator: Operator, action: Omit<AuditedAction, 'service'>): PendingEvent {
  return recordOf(operator, { ...action, service: 'notification' });
}
