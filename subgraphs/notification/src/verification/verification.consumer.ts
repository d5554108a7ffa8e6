import { userRegistrationRepeated, userVerificationRequested } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { MailService } from '../mail/mail.service.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { registrationRepeatedText } from './verification.message.js';
import { verificationDraft } from './verification-mail.js';
import type { VerificationMailOptions } from './verification-mail.js';

export interface VerificationOptions extends VerificationMailOptions {
  readonly recipients: RecipientService;
  readonly mails: MailService;
}

/** Who registers again gets a mail again: with a new link, or telling that there is an account already. */
export function verificationRoutes({ recipients, mails, ...options }: VerificationOptions): EventRoute[] {
  return [
    on(userVerificationRequested, async ({ id: eventId, data }, manager) => {
      const { userId, email, locale, verificationToken } = data;
      const news = { userId, email, ...(locale === null ? {} : { locale }) };
      if (!(await recipients.noteAddress(manager, news))) return;
      const order = { eventId, userId, email, verificationToken, type: 'VERIFICATION' };
      await mails.enqueue(manager, [verificationDraft(order, options)]);
    }),
    on(userRegistrationRepeated, async ({ id: eventId, data: { userId, email } }, manager) => {
      // The person exists and may have been deleted meanwhile; only what is certain is noted.
      if (!(await recipients.noteAddress(manager, { userId, email }))) return;
      await mails.enqueue(manager, [
        {
          notification: {
            ...registrationRepeatedText,
            id: uuidv7(),
            recipientId: userId,
            actorId: null,
            type: 'REGISTRATION_REPEATED',
            data: null,
            eventId,
            channel: NotificationChannel.EMAIL,
            priority: NotificationPriority.NORMAL,
          },
          address: email,
          content: {
            subject: registrationRepeatedText.title,
            paragraphs: registrationRepeatedText.body.split('\n\n'),
          },
        },
      ]);
    }),
  ];
}
