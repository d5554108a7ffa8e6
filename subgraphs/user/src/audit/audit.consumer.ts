import { auditRecorded, userDeleted } from '@orion/platform/event-contracts';
import { on, route } from '@orion/platform/events';
import type { EventEnvelope, EventHandler, TypedEvent } from '@orion/platform/events';
import { appendToAuditLog } from './audit-append.js';
import type { NewAuditRecord } from './audit-append.js';

type AuditEvent = TypedEvent<Parameters<typeof auditRecorded.of>[0]>;

/**
 * Writes down what services tell the audit log, a batch at a time; forgets from where a person acted when the person is
 * deleted.
 */
export function handleAuditEvents(): EventHandler {
  const handle = route([
    on(auditRecorded, (event, manager) => appendToAuditLog(manager, [recordOf(event)])),
    on(userDeleted, async ({ data }, manager) => {
      await manager.query('DELETE FROM audit_clients WHERE actor_id = $1', [data.userId]);
    }),
  ]);
  const batch: EventHandler['batch'] = async (events, manager) => {
    const records = events.filter(isAudit).map(recordOf);
    if (records.length > 0) await appendToAuditLog(manager, records);
    for (const event of events) if (!isAudit(event)) await handle(event, manager);
  };
  return Object.assign(handle, { batch });
}

/** The consumer has validated it before it calls. */
const isAudit = (event: EventEnvelope): event is AuditEvent => event.type === auditRecorded.type;

function recordOf({ data, correlationId, causationId }: AuditEvent): NewAuditRecord {
  return {
    id: data.auditId,
    occurredAt: new Date(data.occurredAt),
    actorType: data.actorType.toUpperCase(),
    actorId: data.actorId,
    action: data.action,
    outcome: data.outcome.toUpperCase(),
    targets: data.targets.map(({ type, id }) => ({ type, id })),
    service: data.service,
    reason: data.reason,
    requestId: causationId,
    correlationId,
    details: data.details,
    ip: data.ip,
    userAgent: data.userAgent,
  };
}
