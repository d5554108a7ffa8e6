import { badUserInput } from '@orion/platform/errors';
import type { LiveNews } from '@orion/platform/live';
import type { BatchLoad } from '@orion/platform/loading';
import { createConditions, loadOrderedPage } from '@orion/platform/pagination';
import type { Connection, PageRequest } from '@orion/platform/pagination';
import type { DataSource } from 'typeorm';
import { AuditLog } from './audit-log.entity.js';
import { verifyAuditLog } from './audit-verification.js';
import type { AuditAnchor } from './audit-verification.js';
import type { AuditLogFilter, AuditVerification } from './audit.types.js';

const SHOWN_AT_ONCE = 500;
const HASH = /^[0-9a-f]{64}$/;

/** From where something was done. */
export interface AuditClientView {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Reads the audit log. */
export class AuditService {
  constructor(private readonly database: DataSource) {}

  /** From where things were done; null where nothing is known, or not any more. */
  readonly clientsOfLogs: BatchLoad<string, AuditClientView | null> = async (ids) => {
    const rows: (AuditClientView & { readonly id: string })[] = await this.database.query(
      'SELECT audit_id AS id, ip, user_agent AS "userAgent" FROM audit_clients WHERE audit_id = ANY($1::uuid[])',
      [ids],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  };

  /** Newest first. */
  page(filter: AuditLogFilter | null, request: PageRequest): Promise<Connection<AuditLog>> {
    const conditions = createConditions();
    conditions.add(filter?.actorId, (value) => `t.actor_id = ${value}`);
    conditions.add(filter?.action, (value) => `t.action = ${value}`);
    conditions.add(filter?.outcome, (value) => `t.outcome = ${value}`);
    conditions.add(targetOf(filter), (value) => `t.targets @> ${value}::jsonb`);
    conditions.add(filter?.occurredAfter, (value) => `t.occurred_at >= ${value}`);
    conditions.add(filter?.occurredBefore, (value) => `t.occurred_at < ${value}`);
    return loadOrderedPage(this.database.manager, AuditLog, {
      request,
      column: 'sequence',
      direction: 'DESC',
      where: conditions.where,
      parameters: conditions.parameters,
    });
  }

  /** What was recorded after a sequence, in order; nothing, and the end of the log, for null. */
  async recordedAfter(sequence: string | null): Promise<LiveNews<AuditLog, string>> {
    if (sequence === null) {
      const [end]: { readonly sequence: string }[] = await this.database.query('SELECT sequence FROM audit_chain');
      return { values: [], cursor: end?.sequence ?? '0' };
    }
    const values = await this.database.manager
      .createQueryBuilder(AuditLog, 'log')
      .where('log.sequence > :sequence', { sequence })
      .orderBy('log.sequence')
      .limit(SHOWN_AT_ONCE)
      .getMany();
    return { values, cursor: values.at(-1)?.sequence ?? sequence };
  }

  /** Throws BAD_USER_INPUT for an anchor that can be none. */
  verify(anchor: AuditAnchor | null): Promise<AuditVerification> {
    if (anchor !== null && !HASH.test(anchor.hash)) throw badUserInput('anchor.hash must be 64 hex digits.');
    if (anchor !== null && anchor.sequence < 0) throw badUserInput('anchor.sequence must not be negative.');
    return verifyAuditLog(this.database, anchor);
  }
}

function targetOf(filter: AuditLogFilter | null): string | null {
  const target = {
    ...(typeof filter?.targetType === 'string' && { type: filter.targetType }),
    ...(typeof filter?.targetId === 'string' && { id: filter.targetId }),
  };
  return Object.keys(target).length === 0 ? null : JSON.stringify([target]);
}
