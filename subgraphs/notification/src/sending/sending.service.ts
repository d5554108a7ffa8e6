import { uuidv7 } from '@orion/platform/ids';
import type { DataSource, EntityManager } from 'typeorm';
import { putIntoInboxes } from '../inbox/inbox-delivery.js';
import type { MailService } from '../mail/mail.service.js';
import type { NotificationDraft } from '../notification/notification-draft.js';
import { NotificationChannel } from '../notification/notification.entity.js';
import type { Notification } from '../notification/notification.entity.js';
import type { NotificationService } from '../notification/notification.service.js';
import type { Recipient } from '../recipient/recipient.entity.js';
import type { RecipientService } from '../recipient/recipient.service.js';
import { userError } from '../user-error.js';
import type { UserError } from '../user-error.js';
import { claimKey } from './idempotency.js';
import { retryDeadlock } from '../database/retry-deadlock.js';
import { fingerprintOf, readOrder } from './send-order.js';
import type { SendOrder } from './send-order.js';
import type { SendNotificationInput } from './sending.types.js';

/** Rolls the transaction back and is answered with `userErrors`. */
class SendRefused extends Error {
  override readonly name = 'SendRefused';
  readonly userErrors: readonly UserError[];

  constructor(userErrors: readonly UserError[]) {
    super('the notification is not sent');
    this.userErrors = userErrors;
  }
}

/** Sends what somebody asks for. */
export class SendingService {
  constructor(
    private readonly database: DataSource,
    private readonly recipients: RecipientService,
    private readonly notifications: NotificationService,
    private readonly mails: MailService,
  ) {}

  /** Sends to all recipients or, with `userErrors`, to none. */
  async send(
    input: SendNotificationInput,
    { senderId }: { readonly senderId: string },
  ): Promise<{ readonly notifications: Notification[]; readonly userErrors: UserError[] }> {
    const order = readOrder(input);
    if (Array.isArray(order)) return { notifications: [], userErrors: order };
    try {
      const notifications = await retryDeadlock(() =>
        this.database.transaction((manager) => this.sendIn(manager, { order, senderId })),
      );
      return { notifications, userErrors: [] };
    } catch (error) {
      if (error instanceof SendRefused) return { notifications: [], userErrors: [...error.userErrors] };
      throw error;
    }
  }

  private async sendIn(
    manager: EntityManager,
    { order, senderId }: { readonly order: SendOrder; readonly senderId: string },
  ): Promise<Notification[]> {
    const drafts = draftsOf(order, senderId);
    if (order.idempotencyKey !== null) {
      const claim = await claimKey(manager, {
        senderId,
        key: order.idempotencyKey,
        fingerprint: fingerprintOf(order),
        notificationIds: drafts.map(({ id }) => id),
      });
      if (claim.kind === 'conflict')
        throw new SendRefused([userError('IDEMPOTENCY_CONFLICT', ['input', 'idempotencyKey'])]);
      if (claim.kind === 'repeated') return this.notifications.findAll(manager, claim.notificationIds);
    }
    const known = await this.recipients.findForSending(
      manager,
      order.recipients.map(({ id }) => id),
    );
    const faults = faultsOf(order, known);
    if (faults.length > 0) throw new SendRefused(faults);
    const inApp = await putIntoInboxes(
      manager,
      drafts.filter(({ channel }) => channel === NotificationChannel.IN_APP),
    );
    const mailed = await this.mails.enqueue(
      manager,
      drafts
        .filter(({ channel }) => channel === NotificationChannel.EMAIL)
        .map((notification) => ({
          notification,
          address: known.get(notification.recipientId)?.email ?? '',
          content: { subject: order.title, paragraphs: order.body.split(/\r?\n(?:[ \t]*\r?\n)+/) },
        })),
    );
    return [...inApp, ...mailed].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
}

function draftsOf(
  { recipients, channels, type, title, body, data, priority }: SendOrder,
  senderId: string,
): NotificationDraft[] {
  return recipients.flatMap(({ id: recipientId }) =>
    channels.map((channel) => ({
      id: uuidv7(),
      recipientId,
      actorId: senderId,
      type,
      channel,
      title,
      body,
      data,
      priority,
      eventId: null,
    })),
  );
}

function faultsOf({ recipients, channels }: SendOrder, known: ReadonlyMap<string, Recipient>): UserError[] {
  const byMail = channels.includes(NotificationChannel.EMAIL);
  return recipients.flatMap(({ id, path }) => {
    const recipient = known.get(id);
    if (recipient === undefined) return [userError('RECIPIENT_UNKNOWN', path)];
    return byMail && recipient.email === null ? [userError('RECIPIENT_UNREACHABLE', path)] : [];
  });
}
