import { z } from 'zod';
import { defineEvent } from '../events/contracts/contract.js';
import { id } from './fields.js';
import { notificationDataExported } from './person.js';

const message = z.object({
  notificationId: id('Id of the notification.'),
  recipientId: id('Id of the user it is for.'),
  notificationType: z
    .string()
    .min(1)
    .max(200)
    .describe('Type of the notification, for example "welcome" or "security_alert".'),
  channel: z.string().min(1).max(50).describe('Channel it goes through, for example "EMAIL" or "IN_APP".'),
});

const byRecipient = ({ recipientId }: { readonly recipientId: string }) => recipientId;

/** A provider took the message. */
export const notificationSent = defineEvent({
  type: 'dev.orion.notification.sent.v1',
  owner: 'notification',
  description: 'A notification was handed to its provider.',
  schema: message,
  key: byRecipient,
});

/** The message is known to have arrived. */
export const notificationDelivered = defineEvent({
  type: 'dev.orion.notification.delivered.v1',
  owner: 'notification',
  description: 'A notification arrived at its recipient.',
  schema: message,
  key: byRecipient,
});

/** The message will not be sent. */
export const notificationFailed = defineEvent({
  type: 'dev.orion.notification.failed.v1',
  owner: 'notification',
  description: 'A notification could not be delivered, and no more attempts will be made.',
  schema: message.extend({ reason: z.string().min(1).max(4_000).describe('What went wrong, for operators.') }),
  key: byRecipient,
});

/** The recipient read the message. */
export const notificationRead = defineEvent({
  type: 'dev.orion.notification.read.v1',
  owner: 'notification',
  description: 'The recipient read a notification.',
  schema: message,
  key: byRecipient,
});

/** The recipient put the message away. */
export const notificationArchived = defineEvent({
  type: 'dev.orion.notification.archived.v1',
  owner: 'notification',
  description: 'The recipient put a notification away.',
  schema: message,
  key: byRecipient,
});

/** Everything that notification publishes. */
export const notificationEvents = [
  notificationSent,
  notificationDelivered,
  notificationFailed,
  notificationRead,
  notificationArchived,
  notificationDataExported,
] as const;
