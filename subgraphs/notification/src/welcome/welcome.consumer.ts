import { userRegistered } from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailService } from '../mail/mail.service.js';
import type { NotificationDraft } from '../notification/notification-draft.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { verificationMail, verificationText, welcomeText } from './welcome.message.js';

/** Purpose under which auth seals the token of the verification link. */
const VERIFICATION_SEAL = 'mail:verify-email';

export interface WelcomeOptions {
  readonly recipients: RecipientService;
  readonly mails: MailService;
  readonly sealer: Sealer;
  /** Where clients reach the gateway, without a slash at the end. */
  readonly publicUrl: string;
}

/** Who signs up is welcomed in the inbox, and by mail when the address is to be proved. */
export function welcomeRoute({ recipients, mails, sealer, publicUrl }: WelcomeOptions): EventRoute {
  return on(userRegistered, async ({ id: eventId, data }, manager) => {
    const { verificationToken, ...person } = data;
    if (!(await recipients.noteSignUp(manager, person))) return;
    const { displayName, userId } = person;
    const draft = { recipientId: userId, actorId: null, type: 'WELCOME', data: null, eventId };
    const welcome: NotificationDraft = {
      ...draft,
      id: uuidv7(),
      channel: NotificationChannel.IN_APP,
      priority: NotificationPriority.NORMAL,
      ...welcomeText(displayName),
    };
    await putIntoInboxes(manager, [welcome]);
    if (verificationToken === null) return;
    const link = new URL(`${publicUrl}/verify-email`);
    link.searchParams.set('token', sealer.open(verificationToken, VERIFICATION_SEAL));
    const verification: NotificationDraft = {
      ...draft,
      id: uuidv7(),
      channel: NotificationChannel.EMAIL,
      priority: NotificationPriority.HIGH,
      ...verificationText,
    };
    await mails.enqueue(manager, [
      { notification: verification, address: person.email, content: verificationMail(displayName, { link }) },
    ]);
  });
}
