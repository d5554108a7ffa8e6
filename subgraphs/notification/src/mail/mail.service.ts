import { camelCaseKeys } from '@orion/platform/database';
import { notificationFailed, notificationSent } from '@orion/platform/event-contracts';
import { publish } from '@orion/platform/events';
import { enqueue } from '@orion/platform/jobs';
import type { JobPriority } from '@orion/platform/jobs';
import type { BatchLoad } from '@orion/platform/loading';
import type { Sealer } from '@orion/platform/sealing';
import { In } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { deliverMail } from '../mail-delivery/deliver-mail.job.js';
import { draftRow, draftSource } from '../notification/notification-draft.js';
import type { NotificationDraft } from '../notification/notification-draft.js';
import { DeliveryStatus, NotificationPriority } from '../notification/notification.entity.js';
import type { Notification } from '../notification/notification.entity.js';
import { DeliveryAttempt } from './delivery-attempt.entity.js';
import { isMailAddress } from './mail-address.js';
import { sealBody } from './mail-body.js';
import { renderMail } from './mail-content.js';
import type { MailContent } from './mail-content.js';
import type { MailStatus } from './mail.entity.js';

/** A notification that goes by mail. */
export interface MailDraft {
  readonly notification: NotificationDraft;
  readonly address: string;
  readonly content: MailContent;
}

const URGENCY: Readonly<Record<NotificationPriority, JobPriority>> = {
  [NotificationPriority.CRITICAL]: 'critical',
  [NotificationPriority.HIGH]: 'high',
  [NotificationPriority.NORMAL]: 'normal',
  [NotificationPriority.LOW]: 'bulk',
};

const UNUSABLE_ADDRESS = 'this is not an address that a mail can be sent to';

const INSERT = `
  WITH draft AS MATERIALIZED (
    SELECT draft.*
      FROM ${draftSource(', address text, subject text, body_sealed text, mail_status text, error text')}
  ), made AS (
    INSERT INTO notifications (id, recipient_id, actor_id, type, channel, title, body, data, priority, status, event_id)
    SELECT id, recipient_id, actor_id, type, channel, title, body, data, priority,
           CASE mail_status WHEN 'CAPTURED' THEN 'SENT' ELSE mail_status END, event_id
      FROM draft ORDER BY ordinal
    RETURNING *
  ), mail AS (
    INSERT INTO mails (id, recipient, subject, body_sealed, status, error)
    SELECT id, address, subject, body_sealed, mail_status, error FROM draft ORDER BY ordinal
  )
  SELECT * FROM made`;

/** Makes mails, and the jobs that send them (mail-delivery). */
export class MailService {
  /** @param capture demo mode: mails are kept to be looked at, and sent to nobody. */
  constructor(
    private readonly manager: EntityManager,
    private readonly sealer: Sealer,
    private readonly capture: boolean,
  ) {}

  /** Attempts to hand mails on, first to last, for many mails at once. */
  readonly attemptsOfMails: BatchLoad<string, DeliveryAttempt[]> = async (ids) => {
    const attempts = await this.manager.find(DeliveryAttempt, {
      where: { mailId: In([...ids]) },
      order: { number: 'ASC' },
    });
    return ids.map((id) => attempts.filter(({ mailId }) => mailId === id));
  };

  /** Queues mails in the caller's transaction: they are sent if and only if it commits. Returns those that are new. */
  async enqueue(manager: EntityManager, drafts: readonly MailDraft[]): Promise<Notification[]> {
    if (drafts.length === 0) return [];
    const rows: Record<string, unknown>[] = await manager.query(INSERT, [
      JSON.stringify(drafts.map((draft, ordinal) => this.row(draft, ordinal))),
    ]);
    const made = rows.map((row) => camelCaseKeys<Notification>(row));
    await enqueue(
      manager,
      made
        .filter(({ status }) => status === DeliveryStatus.QUEUED)
        .map(({ id, priority }) => deliverMail.of({ mailId: id }, { priority: URGENCY[priority] })),
    );
    await publish(manager, made.filter(({ status }) => status !== DeliveryStatus.QUEUED).map(announcement));
    return made;
  }

  private row({ notification, address, content }: MailDraft, ordinal: number): Readonly<Record<string, unknown>> {
    const { subject, ...body } = renderMail(content);
    const isUsable = isMailAddress(address);
    const status: MailStatus = !isUsable ? 'FAILED' : this.capture ? 'CAPTURED' : 'QUEUED';
    return {
      ...draftRow(notification, ordinal),
      address,
      subject,
      body_sealed: sealBody(body, this.sealer),
      mail_status: status,
      error: isUsable ? null : UNUSABLE_ADDRESS,
    };
  }
}

function announcement({ id, recipientId, type, channel, status }: Notification) {
  const message = { notificationId: id, recipientId, notificationType: type, channel };
  return status === DeliveryStatus.FAILED
    ? notificationFailed.of({ ...message, reason: UNUSABLE_ADDRESS })
    : notificationSent.of(message);
}
