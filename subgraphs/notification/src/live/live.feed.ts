import {
  notificationArchived,
  notificationDelivered,
  notificationRead,
  notificationSent,
} from '@orion/platform/event-contracts';
import type { EventEnvelope } from '@orion/platform/events';
import { NotificationChannel } from '../notification/notification.entity.js';
import type { LiveInbox } from './live-inbox.js';

const IN_APP: string = NotificationChannel.IN_APP;

/** Events that tell of a change of an inbox. */
const CHANGES = [notificationSent, notificationDelivered, notificationRead, notificationArchived];

/** Hands what the bus tells on to those who listen here. Other events are passed over. */
export function followInboxes(inbox: LiveInbox): (event: EventEnvelope) => void {
  return (event) => {
    const contract = CHANGES.find(({ type }) => type === event.type);
    if (contract === undefined) return;
    const { notificationId, recipientId, channel } = contract.schema.parse(event.data);
    if (channel !== IN_APP) return;
    inbox.hint(recipientId, contract === notificationSent ? notificationId : null);
  };
}
