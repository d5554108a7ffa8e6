import { Field, Int, ObjectType } from 'type-graphql';
import { NotificationCounts } from '../inbox/inbox.types.js';
import { Notification } from '../notification/notification.entity.js';

@ObjectType({ description: 'A notification that came into your inbox.' })
export class NotificationReceived {
  @Field(() => Notification, { description: 'The notification, complete.' })
  readonly notification!: Notification;

  @Field(() => NotificationCounts, {
    description: 'The counts of your inbox; they may be of a later state than `rev`, never of an earlier one.',
  })
  readonly counts!: NotificationCounts;

  @Field(() => Int, {
    description: 'State of the inbox that it made: hand the latest one to `afterRev` when you subscribe again.',
  })
  readonly rev!: number;
}
