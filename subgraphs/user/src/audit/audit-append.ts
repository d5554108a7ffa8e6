import { randomBytes } from 'node:crypto';
import { storableJson, storableText } from '@orion/platform/json';
import type { EntityManager } from 'typeorm';
import { auditHash, digestOfClient } from './audit-chain.js';
import type { AuditClient, AuditContent } from './audit-chain.js';

/** Something to record. */
export type NewAuditRecord = Omit<AuditContent, 'sequence' | 'recordedAt' | 'clientDigest'> &
  Pick<AuditClient, 'ip' | 'userAgent'>;

/**
 * Appends records in the order given; one whose id is in the log already is left out. Whoever appends locks the end of
 * the chain until the commit, so that sequences have no gaps and become visible in their order.
 */
export async function appendToAuditLog(manager: EntityManager, records: readonly NewAuditRecord[]): Promise<void> {
  const [end]: { readonly sequence: string; readonly hash: string }[] = await manager.query(
    'SELECT sequence, hash FROM audit_chain FOR UPDATE',
  );
  if (end === undefined) throw new Error('audit_chain has lost its row: restore it from a backup');
  const fresh = await leaveOutKnown(manager, records);
  if (fresh.length === 0) return;
  let { hash } = end;
  const recordedAt = new Date();
  const clients: (AuditClient & { readonly auditId: string; readonly actorId: string | null })[] = [];
  const rows = fresh.map(({ ip, userAgent, ...record }, index) => {
    const hasClient = ip !== null || userAgent !== null;
    const client = { ip, userAgent, salt: randomBytes(16).toString('hex') };
    if (hasClient) clients.push({ ...client, auditId: record.id, actorId: record.actorId });
    const content: AuditContent = {
      ...record,
      sequence: Number(end.sequence) + 1 + index,
      recordedAt,
      clientDigest: hasClient ? digestOfClient(client) : null,
    };
    const previousHash = hash;
    hash = auditHash(content, previousHash);
    return { ...content, previousHash, hash };
  });
  await insert(manager, rows, clients);
  await manager.query('UPDATE audit_chain SET sequence = $1, hash = $2', [rows.at(-1)?.sequence, hash]);
}

async function leaveOutKnown(
  manager: EntityManager,
  records: readonly NewAuditRecord[],
): Promise<readonly NewAuditRecord[]> {
  const byId = new Map<string, NewAuditRecord>();
  for (const record of records) if (!byId.has(record.id)) byId.set(record.id, storable(record));
  const known: { readonly id: string }[] = await manager.query('SELECT id FROM audit_logs WHERE id = ANY($1::uuid[])', [
    [...byId.keys()],
  ]);
  for (const { id } of known) byId.delete(id);
  return [...byId.values()];
}

/** What Postgres gives back must be what was hashed. */
function storable(record: NewAuditRecord): NewAuditRecord {
  const { occurredAt, ...rest } = record;
  return { ...(storableJson(rest) as typeof rest), id: storableText(record.id).toLowerCase(), occurredAt };
}

async function insert(
  manager: EntityManager,
  rows: readonly (AuditContent & { readonly previousHash: string; readonly hash: string })[],
  clients: readonly object[],
): Promise<void> {
  await manager.query(
    `INSERT INTO audit_logs (id, sequence, occurred_at, recorded_at, actor_type, actor_id, action, outcome, targets,
       service, reason, request_id, correlation_id, details, client_digest, previous_hash, hash)
     SELECT id, sequence, "occurredAt", "recordedAt", "actorType", "actorId", action, outcome, targets,
       service, reason, "requestId", "correlationId", details, "clientDigest", "previousHash", hash
     FROM jsonb_to_recordset($1::jsonb) AS row (id uuid, sequence bigint, "occurredAt" timestamptz,
       "recordedAt" timestamptz, "actorType" text, "actorId" text, action text, outcome text, targets jsonb,
       service text, reason text, "requestId" text, "correlationId" text, details jsonb, "clientDigest" text,
       "previousHash" text, hash text)
     ORDER BY sequence`,
    [JSON.stringify(rows)],
  );
  if (clients.length === 0) return;
  await manager.query(
    `INSERT INTO audit_clients (audit_id, actor_id, ip, user_agent, salt)
     SELECT "auditId", "actorId", ip, "userAgent", salt
     FROM jsonb_to_recordset($1::jsonb) AS row ("auditId" uuid, "actorId" text, ip text, "userAgent" text, salt text)`,
    [JSON.stringify(clients)],
  );
}
