import { userLogin } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailService } from '../mail/mail.service.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { newDeviceText } from './security-alert.message.js';

/** Who signs in on a device for the first time is told everywhere, so that a thief cannot do it unnoticed. */
export function securityAlertRoute({
  recipients,
  mails,
}: {
  readonly recipients: RecipientService;
  readonly mails: MailService;
}): EventRoute {
  return on(userLogin, async ({ id: eventId, time, data }, manager) => {
    if (!data.isNewDevice) return;
    const { userId, sessionId, deviceId, ip, userAgent } = data;
    const recipient = await recipients.find(manager, userId);
    if (recipient !== null && recipient.deletedAt !== null) return;
    const text = newDeviceText({ at: time, sessionId, ip, userAgent });
    const draft = {
      ...text,
      recipientId: userId,
      actorId: null,
      type: 'SECURITY_ALERT',
      data: { sessionId, deviceId, ip, userAgent },
      priority: NotificationPriority.CRITICAL,
      eventId,
    };
    await putIntoInboxes(manager, [{ ...draft, id: uuidv7(), channel: NotificationChannel.IN_APP }]);
    if (recipient === null || recipient.email === null) return;
    await mails.enqueue(manager, [
      {
        notification: { ...draft, id: uuidv7(), channel: NotificationChannel.EMAIL },
        address: recipient.email,
        content: { subject: text.title, paragraphs: text.body.split('\n\n') },
      },
    ]);
  });
}
