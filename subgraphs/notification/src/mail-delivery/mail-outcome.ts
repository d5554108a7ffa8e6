import { notificationFailed, notificationSent } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import type { Cause } from '@orion/platform/events';
import type { EntityManager } from 'typeorm';

/** How an attempt to send a mail ended. */
export interface MailOutcome {
  readonly id: string;
  /** Null: the attempt that was begun last, and never ended. */
  readonly attempt: number | null;
  readonly outcome: 'SENT' | 'RETRY' | 'FAILED';
  readonly messageId: string | null;
  readonly error: string | null;
  /** Why the mail exists; what is announced carries it on. */
  readonly cause?: Cause | null;
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
      AS ended (id uuid, attempt int, outcome text, "messageId" text, error text)
  ), mail AS (
    UPDATE mails
       SET status = CASE ended.outcome WHEN 'RETRY' THEN 'QUEUED' ELSE ended.outcome END,
           body_sealed = CASE ended.outcome WHEN 'SENT' THEN NULL ELSE mails.body_sealed END,
           message_id = ended."messageId",
           error = ended.error
      FROM ended
     WHERE mails.id = ended.id AND mails.status = 'QUEUED'
       AND (mails.attempts = coalesce(ended.attempt, mails.attempts) OR ended.outcome = 'SENT')
    RETURNING mails.id, mails.status
  ), attempt AS (
    UPDATE delivery_attempts SET finished_at = now(), outcome = ended.outcome, error = ended.error
      FROM ended WHERE mail_id = ended.id AND number = ended.attempt
  ), notification AS (
    UPDATE notifications SET status = mail.status FROM mail WHERE notifications.id = mail.id AND mail.status <> 'QUEUED'
  )
  SELECT mail.id, mail.status, notifications.recipient_id, notifications.type
    FROM mail JOIN notifications ON notifications.id = mail.id`;

/** Records how attempts ended and announces those mails that are done with, in the transaction of `manager`. */
export async function settleMails(manager: EntityManager, outcomes: readonly MailOutcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  // Everybody locks mails in the order of their ids.
  const ordered = outcomes.toSorted(({ id: one }, { id: other }) => (one < other ? -1 : 1));
  const rows: SettledRow[] = await manager.query(SETTLE, [JSON.stringify(ordered)]);
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  await publish(
    manager,
    rows.flatMap(({ id, recipient_id: recipientId, type: notificationType, status }) => {
      if (status === 'QUEUED') return [];
      const { error, cause } = byId.get(id) ?? { error: null };
      const message = { notificationId: id, recipientId, notificationType, channel: 'EMAIL' };
      const event =
        status === 'SENT'
          ? notificationSent.of(message)
          : notificationFailed.of({ ...message, reason: error ?? 'unknown' });
      return [cause ? { ...event, cause } : event];
    }),
  );
}
