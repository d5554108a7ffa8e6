import { userRegistered } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailService } from '../mail/mail.service.js';
import type { NotificationDraft } from '../notification/notification-draft.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { verificationDraft } from '../verification/verification-mail.js';
import type { VerificationMailOptions } from '../verification/verification-mail.js';
import { welcomeText } from './welcome.message.js';

export interface WelcomeOptions extends VerificationMailOptions {
  readonly recipients: RecipientService;
  readonly mails: MailService;
}

/** Who signs up is welcomed in the inbox, and by mail when the address is to be proved. */
export function welcomeRoute({ recipients, mails, ...options }: WelcomeOptions): EventRoute {
  return on(userRegistered, async ({ id: eventId, data }, manager) => {
    const { verificationToken, ...person } = data;
    if (!(await recipients.noteSignUp(manager, person))) return;
    const { displayName, email, userId } = person;
    const type = 'WELCOME';
    const welcome: NotificationDraft = {
      ...welcomeText(displayName),
      id: uuidv7(),
      recipientId: userId,
      actorId: null,
      type,
      data: null,
      eventId,
      channel: NotificationChannel.IN_APP,
      priority: NotificationPriority.NORMAL,
    };
    await putIntoInboxes(manager, [welcome]);
    if (verificationToken === null) return;
    await mails.enqueue(manager, [verificationDraft({ eventId, userId, email, verificationToken, type }, options)]);
  });
}
