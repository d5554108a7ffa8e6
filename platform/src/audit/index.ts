export { actorOf, auditOf } from './audit-of.js';
export type { AuditActor, AuditedAction } from './audit-of.js';
