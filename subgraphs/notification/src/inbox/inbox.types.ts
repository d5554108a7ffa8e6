import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@ObjectType({ description: 'How many notifications are in an inbox; what is archived does not count.' })
export class NotificationCounts {
  @Field(() => Int, { description: 'Those that no client has shown yet.' })
  readonly unseen!: number;

  @Field(() => Int, { description: 'Those that have not been read; unseen ones included.' })
  readonly unread!: number;

  @Field(() => Int, { description: 'All of them.' })
  readonly total!: number;

  @Field(() => Int, {
    description:
      'State of the inbox: rises by one with every change, be it a new notification or a mark. Of two counts the one with the higher rev is newer.',
  })
  readonly rev!: number;
}

/** Which notifications a mutation is about. */
@InputType()
abstract class NotificationIdsInput {
  @Field(() => [ID], { description: 'Notifications in your own inbox, at most 100; others are left alone.' })
  readonly ids!: string[];
}

@InputType({ description: 'What was shown.' })
export class MarkNotificationsSeenInput extends NotificationIdsInput {}

@InputType({ description: 'What was read.' })
export class MarkNotificationsReadInput extends NotificationIdsInput {}

@InputType({ description: 'What to put away.' })
export class ArchiveNotificationsInput extends NotificationIdsInput {}

/** What all changes of an inbox answer. */
@ObjectType()
abstract class InboxPayload {
  @Field(() => Int, { description: 'How many notifications changed; those that were marked already do not count.' })
  readonly changed!: number;

  @Field(() => NotificationCounts, { description: 'The counts of your inbox afterwards.' })
  readonly counts!: NotificationCounts;

  @Field(() => [UserError], { description: 'Why nothing was done; empty when it was.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The answer to marking notifications as seen.' })
export class MarkNotificationsSeenPayload extends InboxPayload {}

@ObjectType({ description: 'The answer to marking notifications as read.' })
export class MarkNotificationsReadPayload extends InboxPayload {}

@ObjectType({ description: 'The answer to marking all notifications as read.' })
export class MarkAllNotificationsReadPayload extends InboxPayload {}

@ObjectType({ description: 'The answer to archiving notifications.' })
export class ArchiveNotificationsPayload extends InboxPayload {}
