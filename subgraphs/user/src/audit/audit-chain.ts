import { createHash } from 'node:crypto';
import { canonicalJson } from '@orion/platform/json';

/** What a row of the audit log says. Times are in milliseconds; texts and JSON are what Postgres gives back. */
export interface AuditContent {
  readonly id: string;
  readonly sequence: number;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly actorType: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly outcome: string;
  readonly targets: readonly { readonly type: string; readonly id: string }[];
  readonly service: string;
  readonly reason: string | null;
  readonly requestId: string;
  readonly correlationId: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly clientDigest: string | null;
}

/** From where an action was done, and the salt of its digest. */
export interface AuditClient {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly salt: string;
}

/**
 * The hash of a row: SHA-256 in hex over the hash of the row before it (64 zeros for the first) and the canonical JSON
 * of what the row says. Whoever holds an export can check it without this program.
 */
export function auditHash(content: AuditContent, previousHash: string): string {
  const {
    id,
    sequence,
    occurredAt,
    recordedAt,
    actorType,
    actorId,
    action,
    outcome,
    targets,
    service,
    reason,
    requestId,
    correlationId,
    details,
    clientDigest,
  } = content;
  const text = canonicalJson({
    id,
    sequence,
    occurredAt: occurredAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
    actorType,
    actorId,
    action,
    outcome,
    targets,
    service,
    reason,
    requestId,
    correlationId,
    details,
    clientDigest,
  });
  return sha256(`${previousHash}\n${text}`);
}

/** Stands in the chain for data that can be erased: it proves what was there, and tells nothing of it without the salt. */
export function digestOfClient({ ip, userAgent, salt }: AuditClient): string {
  return sha256(canonicalJson({ ip, userAgent, salt }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
