import { defineEvent } from '@orion/platform/events';
import { notificationRead } from '@orion/platform/event-contracts';

/** A client of the recipient showed the message. */
export const notificationSeen = defineEvent({
  type: 'dev.orion.notification.seen.v1',
  owner: 'notification',
  description: 'A client of the recipient showed a notification.',
  schema: notificationRead.schema,
  key: notificationRead.key,
});

/** The recipient put the message away. */
export const notificationArchived = defineEvent({
  type: 'dev.orion.notification.archived.v1',
  owner: 'notification',
  description: 'The recipient put a notification away.',
  schema: notificationRead.schema,
  key: notificationRead.key,
});
