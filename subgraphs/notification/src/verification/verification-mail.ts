import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import type { MailDraft } from '../mail/mail.service.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import { verificationMail, verificationText } from './verification.message.js';

/** Purpose under which auth seals the token of the verification link. */
const VERIFICATION_SEAL = 'mail:verify-email';

export interface VerificationMailOptions {
  readonly sealer: Sealer;
  /** Where clients reach the gateway, without a slash at the end. */
  readonly publicUrl: string;
}

/** What an event tells about the mail that it asks for. */
export interface VerificationOrder {
  readonly eventId: string;
  readonly userId: string;
  readonly email: string;
  /** Sealed. */
  readonly verificationToken: string;
  /** Type of the notification. */
  readonly type: string;
}

/** The mail with the link to verify the address. Throws SealBrokenError when the token was sealed with another key. */
export function verificationDraft(
  { eventId, userId, email, verificationToken, type }: VerificationOrder,
  { sealer, publicUrl }: VerificationMailOptions,
): MailDraft {
  const link = new URL(`${publicUrl}/verify-email`);
  link.searchParams.set('token', sealer.open(verificationToken, VERIFICATION_SEAL));
  return {
    notification: {
      ...verificationText,
      id: uuidv7(),
      recipientId: userId,
      actorId: null,
      type,
      data: null,
      eventId,
      channel: NotificationChannel.EMAIL,
      priority: NotificationPriority.HIGH,
    },
    address: email,
    content: verificationMail(link),
  };
}
