import { defineEvent } from '@orion/platform/events';
import { notificationRead } from '@orion/platform/event-contracts';

/** The recipient put the message away. */
export const notificationArchived = defineEvent({
  type: 'dev.orion.notification.archived.v1',
  owner: 'notification',
  description: 'The recipient put a notification away.',
  schema: notificationRead.schema,
  key: notificationRead.key,
});
