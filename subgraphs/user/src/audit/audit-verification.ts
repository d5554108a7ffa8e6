import { camelCaseKeys } from '@orion/platform/database';
import type { DataSource, EntityManager } from 'typeorm';
import { auditHash, digestOfClient } from './audit-chain.js';
import type { AuditContent } from './audit-chain.js';
import { AuditFaultKind } from './audit.types.js';
import type { AuditFault, AuditVerification } from './audit.types.js';

const ROWS_AT_ONCE = 1_000;
const HASH_BEFORE_FIRST = '0'.repeat(64);

/** A record as it was seen earlier. */
export interface AuditAnchor {
  readonly sequence: number;
  readonly hash: string;
}

interface Row extends AuditContent {
  readonly previousHash: string;
  readonly hash: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Null when nothing is known of the client, or not any more. */
  readonly salt: string | null;
}

/**
 * Reads the whole log and computes every hash anew, in one snapshot. Nothing is locked: the log goes on growing.
 * Finds any change by anybody who can write to the tables, except one who writes all later records anew as well: that
 * is what `anchor` finds.
 */
export function verifyAuditLog(database: DataSource, anchor: AuditAnchor | null): Promise<AuditVerification> {
  return database.transaction('REPEATABLE READ', async (manager) => {
    const [end = { sequence: '0', hash: HASH_BEFORE_FIRST }]: { readonly sequence: string; readonly hash: string }[] =
      await manager.query('SELECT sequence, hash FROM audit_chain');
    const last = { sequence: Number(end.sequence), hash: end.hash };
    let before: Row | undefined;
    let isAnchored = anchor === null || (anchor.sequence === 0 && anchor.hash === HASH_BEFORE_FIRST);
    for await (const row of readRows(manager)) {
      const fault = faultOf(row, before);
      if (fault !== null) return broken(fault, { checked: checkedBefore(fault), last });
      if (row.sequence === anchor?.sequence) isAnchored = row.hash === anchor.hash;
      before = row;
    }
    const fault =
      faultAtEnd(before, last) ?? (isAnchored || anchor === null ? null : anchorFault(anchor, last.sequence));
    if (fault !== null) return broken(fault, { checked: checkedBefore(fault), last });
    return {
      isIntact: true,
      checked: last.sequence,
      firstFault: null,
      lastSequence: last.sequence,
      lastHash: last.hash,
    };
  });
}

async function* readRows(manager: EntityManager): AsyncGenerator<Row> {
  for (let after = 0; ;) {
    const rows: Record<string, unknown>[] = await manager.query(
      `SELECT log.*, client.ip, client.user_agent, client.salt
         FROM audit_logs log LEFT JOIN audit_clients client ON client.audit_id = log.id
        WHERE log.sequence > $1 ORDER BY log.sequence LIMIT ${ROWS_AT_ONCE}`,
      [after],
    );
    for (const row of rows) {
      const read = { ...camelCaseKeys<Row>(row), sequence: Number(row['sequence']) };
      yield read;
      after = read.sequence;
    }
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

function faultOf(row: Row, before: Row | undefined): AuditFault | null {
  const expected = (before?.sequence ?? 0) + 1;
  if (row.sequence !== expected) {
    const message = `Records ${expected} to ${row.sequence - 1} are missing before the one of ${dayOf(row)}.`;
    return { kind: AuditFaultKind.RECORD_MISSING, sequence: expected, recordId: null, day: dayOf(row), message };
  }
  if (auditHash(row, row.previousHash) !== row.hash) return changed(row);
  // This record is as it was written, so it knows the right hash of the one before it.
  if (row.previousHash !== (before?.hash ?? HASH_BEFORE_FIRST)) return changed(before ?? row);
  if (row.salt !== null && digestOfClient({ ...row, salt: row.salt }) !== row.clientDigest) {
    return {
      kind: AuditFaultKind.CLIENT_CHANGED,
      ...placeOf(row),
      message: `The client of record ${row.sequence} of ${dayOf(row)} is not the one that was written down.`,
    };
  }
  return null;
}

function faultAtEnd(lastRow: Row | undefined, last: AuditAnchor): AuditFault | null {
  const found = lastRow?.sequence ?? 0;
  if (found < last.sequence) {
    const message = `Records ${found + 1} to ${last.sequence} are missing at the end.`;
    return { kind: AuditFaultKind.RECORD_MISSING, sequence: found + 1, recordId: null, day: null, message };
  }
  return lastRow === undefined || lastRow.hash === last.hash ? null : changed(lastRow);
}

function changed(row: Row): AuditFault {
  return {
    kind: AuditFaultKind.RECORD_CHANGED,
    ...placeOf(row),
    message: `Record ${row.sequence} of ${dayOf(row)} is not what was written.`,
  };
}

function anchorFault({ sequence }: AuditAnchor, lastSequence: number): AuditFault {
  const message =
    sequence > lastSequence
      ? `The log ends at record ${lastSequence}, and record ${sequence} was seen earlier.`
      : `Record ${sequence} is not the one that was seen earlier: it or one before it was written anew.`;
  return { kind: AuditFaultKind.ANCHOR_DIFFERS, sequence, recordId: null, day: null, message };
}

function placeOf(row: Row): Pick<AuditFault, 'sequence' | 'recordId' | 'day'> {
  return { sequence: row.sequence, recordId: row.id, day: dayOf(row) };
}

const dayOf = ({ recordedAt }: Row): string => recordedAt.toISOString().slice(0, 10);

const checkedBefore = ({ kind, sequence }: AuditFault): number =>
  kind === AuditFaultKind.ANCHOR_DIFFERS ? 0 : sequence - 1;

function broken(
  firstFault: AuditFault,
  { checked, last }: { readonly checked: number; readonly last: AuditAnchor },
): AuditVerification {
  return { isIntact: false, checked, firstFault, lastSequence: last.sequence, lastHash: last.hash };
}
