import { notificationFailed, notificationSent } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { DataSource } from 'typeorm';
import { retryDeadlock } from '../database/retry-deadlock.js';

/** How an attempt to send a mail ended. */
export interface MailOutcome {
  readonly id: string;
  readonly attempt: number;
  readonly outcome: 'SENT' | 'RETRY' | 'FAILED';
  readonly messageId: string | null;
  readonly error: string | null;
  /** Wait before the next attempt, in milliseconds. */
  readonly delayMs: number;
}

interface SettledRow {
  readonly id: string;
  readonly recipient_id: string;
  readonly type: string;
  readonly status: 'SENT' | 'QUEUED' | 'FAILED';
}

/**
 * Only the attempt that holds the lease decides what becomes of a mail; that it was sent is recorded whoever did it,
 * since a mail that somebody has is not to be sent again. What was sent is not kept.
 */
const SETTLE = `
  WITH ended AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS ended (id uuid, attempt int, outcome text, "messageId" text, error text, "delayMs" double precision)
  ), mail AS (
    UPDATE mails
       SET status = CASE ended.outcome WHEN 'RETRY' THEN 'QUEUED' ELSE ended.outcome END,
           next_at = now() + ended."delayMs" * interval '1 millisecond',
           body_sealed = CASE ended.outcome WHEN 'SENT' THEN NULL ELSE mails.body_sealed END,
           message_id = ended."messageId",
           error = ended.error
      FROM ended
     WHERE mails.id = ended.id AND mails.status = 'QUEUED' AND (mails.attempts = ended.attempt OR ended.outcome = 'SENT')
    RETURNING mails.id, mails.status
  ), attempt AS (
    UPDATE delivery_attempts SET finished_at = now(), outcome = ended.outcome, error = ended.error
      FROM ended WHERE mail_id = ended.id AND number = ended.attempt
  ), notification AS (
    UPDATE notifications SET status = mail.status FROM mail WHERE notifications.id = mail.id AND mail.status <> 'QUEUED'
  )
  SELECT mail.id, mail.status, notifications.recipient_id, notifications.type
    FROM mail JOIN notifications ON notifications.id = mail.id`;

/** Records how attempts ended and announces those mails that are done with, in one transaction. */
export function settleMails(database: DataSource, outcomes: readonly MailOutcome[]): Promise<void> {
  return retryDeadlock(() =>
    database.transaction(async (manager) => {
      const rows: SettledRow[] = await manager.query(SETTLE, [JSON.stringify(outcomes)]);
      const reasons = new Map(outcomes.map(({ id, error }) => [id, error]));
      await publish(
        manager,
        rows.flatMap(({ id, recipient_id: recipientId, type: notificationType, status }) => {
          const message = { notificationId: id, recipientId, notificationType, channel: 'EMAIL' };
          if (status === 'SENT') return [notificationSent.of(message)];
          return status === 'FAILED'
            ? [notificationFailed.of({ ...message, reason: reasons.get(id) ?? 'unknown' })]
            : [];
        }),
      );
    }),
  );
}
