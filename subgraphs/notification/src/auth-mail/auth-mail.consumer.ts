import {
  userAccountLocked,
  userEmailChanged,
  userEmailChangeRequested,
  userLoginCodeRequested,
  userPasswordResetRequested,
} from '@orion/platform/event-contracts';
import { on } from '@orion/platform/events';
import type { EventRoute } from '@orion/platform/events';
import { uuidv7 } from '@orion/platform/ids';
import type { Sealer } from '@orion/platform/sealing';
import type { EntityManager } from 'typeorm';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailContent } from '../mail/mail-content.js';
import type { MailDraft, MailService } from '../mail/mail.service.js';
import type { NotificationDraft } from '../notification/notification-draft.js';
import { NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import {
  accountLockedMail,
  codeContent,
  emailChangedNotice,
  emailChangeMail,
  emailChangeNotice,
  linkContent,
  loginCodeMail,
  passwordResetMail,
  plainContent,
} from './auth-mail.message.js';
import type { AuthMail, LinkMail } from './auth-mail.message.js';

export interface AuthMailOptions {
  readonly recipients: RecipientService;
  readonly mails: MailService;
  readonly sealer: Sealer;
  /** Where clients reach the gateway, without a slash at the end. */
  readonly publicUrl: string;
}

/** Whom a mail is for, and which event asks for it. */
interface Order {
  readonly eventId: string;
  readonly userId: string;
  readonly address: string;
}

/** Purposes under which auth seals what goes into mails alone. */
const SEALS = {
  reset: 'mail:password-reset',
  change: 'mail:email-change',
  unlock: 'mail:unlock-account',
  code: 'mail:login-code',
} as const;

/** The mails that auth asks for: with links, with codes, and to an address that is left. */
export function authMailRoutes({ recipients, mails, sealer, publicUrl }: AuthMailOptions): EventRoute[] {
  const link = (mail: LinkMail, sealed: string, seal: string) =>
    linkContent(mail, { publicUrl, token: sealer.open(sealed, seal) });
  const send = async (manager: EntityManager, ...drafts: readonly MailDraft[]) =>
    void (await mails.enqueue(manager, drafts));
  const isGone = async (manager: EntityManager, userId: string) =>
    ((await recipients.find(manager, userId))?.deletedAt ?? null) !== null;

  return [
    on(userPasswordResetRequested, async ({ id: eventId, data }, manager) => {
      const { userId, email: address, resetToken } = data;
      if (await isGone(manager, userId)) return;
      const content = link(passwordResetMail, resetToken, SEALS.reset);
      await send(manager, draftOf(passwordResetMail, { eventId, userId, address }, content));
    }),
    on(userAccountLocked, async ({ id: eventId, data }, manager) => {
      const { userId, email: address, unlockToken } = data;
      if (await isGone(manager, userId)) return;
      const content = link(accountLockedMail, unlockToken, SEALS.unlock);
      await send(manager, draftOf(accountLockedMail, { eventId, userId, address }, content));
    }),
    on(userLoginCodeRequested, async ({ id: eventId, data }, manager) => {
      const { userId, email: address, code } = data;
      if (await isGone(manager, userId)) return;
      const content = codeContent(loginCodeMail, sealer.open(code, SEALS.code));
      await send(manager, draftOf(loginCodeMail, { eventId, userId, address }, content));
    }),
    on(userEmailChangeRequested, async ({ id: eventId, data }, manager) => {
      const { userId, email, newEmail, changeToken } = data;
      if (await isGone(manager, userId)) return;
      const content = link(emailChangeMail, changeToken, SEALS.change);
      await putIntoInboxes(manager, [
        notificationOf(emailChangeNotice, { eventId, userId, channel: NotificationChannel.IN_APP }),
      ]);
      await send(
        manager,
        draftOf(emailChangeMail, { eventId, userId, address: newEmail }, content),
        draftOf(emailChangeNotice, { eventId, userId, address: email }, plainContent(emailChangeNotice)),
      );
    }),
    on(userEmailChanged, async ({ id: eventId, data: { userId, email } }, manager) => {
      const before = await recipients.find(manager, userId);
      if (!(await recipients.noteAddress(manager, { userId, email }))) return;
      const address = before?.email ?? null;
      if (address === null) return;
      await send(manager, draftOf(emailChangedNotice, { eventId, userId, address }, plainContent(emailChangedNotice)));
    }),
  ];
}

function draftOf(mail: AuthMail, { eventId, userId, address }: Order, content: MailContent): MailDraft {
  return {
    notification: notificationOf(mail, { eventId, userId, channel: NotificationChannel.EMAIL }),
    address,
    content,
  };
}

function notificationOf(
  { type, title, body }: AuthMail,
  {
    eventId,
    userId,
    channel,
  }: { readonly eventId: string; readonly userId: string; readonly channel: NotificationChannel },
): NotificationDraft {
  return {
    id: uuidv7(),
    recipientId: userId,
    actorId: null,
    type,
    title,
    body,
    data: null,
    eventId,
    channel,
    priority: NotificationPriority.HIGH,
  };
}
