import { securityEventRecorded } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailService } from '../mail/mail.service.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { securityNoticeText } from './security-notice.message.js';

/** What concerns the safety of an account is told to its owner everywhere, so that nobody can do it unnoticed. */
export function securityNoticeRoute({
  recipients,
  mails,
}: {
  readonly recipients: RecipientService;
  readonly mails: MailService;
}): EventRoute {
  return on(securityEventRecorded, async ({ id: eventId, data }, manager) => {
    const { userId, kind, severity, actorId, ip, userAgent, occurredAt, securityEventId } = data;
    if (userId === null) return;
    const isByOther = actorId !== null && actorId !== userId;
    const text = securityNoticeText({ kind, at: occurredAt, ip, userAgent, isByOther });
    const recipient = text === null ? null : await recipients.find(manager, userId);
    if (text === null || (recipient !== null && recipient.deletedAt !== null)) return;
    const { title, body, isMailed } = text;
    const draft = {
      title,
      body,
      recipientId: userId,
      actorId: null,
      type: 'SECURITY_ALERT',
      data: { kind, securityEventId },
      priority: severity === 'high' ? NotificationPriority.CRITICAL : NotificationPriority.HIGH,
      eventId,
    };
    await putIntoInboxes(manager, [{ ...draft, id: uuidv7(), channel: NotificationChannel.IN_APP }]);
    if (!isMailed || recipient === null || recipient.email === null) return;
    await mails.enqueue(manager, [
      {
        notification: { ...draft, id: uuidv7(), channel: NotificationChannel.EMAIL },
        address: recipient.email,
        content: { subject: title, paragraphs: body.split('\n\n') },
      },
    ]);
  });
}
