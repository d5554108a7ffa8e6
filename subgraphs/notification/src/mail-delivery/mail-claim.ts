import { camelCaseKeys } from '@orion/platform/database';
import type { EntityManager } from 'typeorm';

/** A mail that this process may send, until its lease ends. */
export interface ClaimedMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly bodySealed: string | null;
  /** Number of this attempt, from 1. */
  readonly attempts: number;
}

/**
 * Takes mails that are due, the most urgent first. One conditional UPDATE, so that each is taken by one process.
 * The attempt counts from here on: a mail that kills the process which sends it does not come back for ever.
 */
export async function claimMails(
  manager: EntityManager,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): Promise<ClaimedMail[]> {
  const rows: Record<string, unknown>[] = await manager.query(
    `WITH due AS (
       SELECT id FROM mails WHERE status = 'QUEUED' AND next_at <= now()
        ORDER BY lane, next_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ), claimed AS (
       UPDATE mails SET attempts = attempts + 1, next_at = now() + $2 * interval '1 millisecond'
         FROM due WHERE mails.id = due.id
       RETURNING mails.id, recipient, subject, body_sealed, attempts, lane
     ), begun AS (
       INSERT INTO delivery_attempts (mail_id, number) SELECT id, attempts FROM claimed
     )
     SELECT id, recipient, subject, body_sealed, attempts FROM claimed ORDER BY lane`,
    [limit, leaseMs],
  );
  return rows.map((row) => camelCaseKeys<ClaimedMail>(row));
}
