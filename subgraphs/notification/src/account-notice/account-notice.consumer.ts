import { userDeletionRequested, userExportReady } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { EntityManager } from 'typeorm';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailService } from '../mail/mail.service.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { deletionText, exportText } from './account-notice.message.js';
import type { AccountNotice } from './account-notice.message.js';

interface Told {
  readonly userId: string;
  readonly eventId: string;
  readonly text: AccountNotice;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Whose account or data something is about is told, in the inbox and by mail, in case it was somebody else who asked. */
export function accountNoticeRoutes(parts: {
  readonly recipients: RecipientService;
  readonly mails: MailService;
}): EventRoute[] {
  return [
    on(userDeletionRequested, ({ id, data: { userId, dueAt } }, manager) =>
      tell(manager, parts, { userId, eventId: id, text: deletionText(dueAt), data: { dueAt } }),
    ),
    on(userExportReady, ({ id, data: { userId, exportId, expiresAt } }, manager) =>
      tell(manager, parts, { userId, eventId: id, text: exportText(expiresAt), data: { exportId, expiresAt } }),
    ),
  ];
}

async function tell(
  manager: EntityManager,
  { recipients, mails }: { readonly recipients: RecipientService; readonly mails: MailService },
  { userId, eventId, text: { title, body }, data }: Told,
): Promise<void> {
  const recipient = await recipients.find(manager, userId);
  if (recipient !== null && recipient.deletedAt !== null) return;
  const draft = {
    title,
    body,
    recipientId: userId,
    actorId: null,
    type: 'ACCOUNT',
    data,
    priority: NotificationPriority.HIGH,
    eventId,
  };
  await putIntoInboxes(manager, [{ ...draft, id: uuidv7(), channel: NotificationChannel.IN_APP }]);
  if (recipient === null || recipient.email === null) return;
  await mails.enqueue(manager, [
    {
      notification: { ...draft, id: uuidv7(), channel: NotificationChannel.EMAIL },
      address: recipient.email,
      content: { subject: title, paragraphs: body.split('\n\n') },
    },
  ]);
}
