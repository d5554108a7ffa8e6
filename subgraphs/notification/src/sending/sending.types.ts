import { GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Notification, NotificationChannel, NotificationPriority } from '../notification/notification.entity.js';
import { UserError } from '../user-error.js';

@InputType({ description: 'What to tell, and whom.' })
export class SendNotificationInput {
  @Field(() => ID, { nullable: true, description: 'Whom to tell, when it is one person.' })
  readonly recipientId?: string | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'Whom to tell, when it is several people, at most 100. All are told or none.',
  })
  readonly recipientIds?: string[] | null;

  @Field(() => String, {
    description: 'What it is about, for instance COMMENT_ADDED: clients choose icons and filters by it.',
  })
  readonly type!: string;

  @Field(() => String, { description: 'One line of plain text, at most 200 characters; the subject of the e-mail.' })
  readonly title!: string;

  @Field(() => String, { defaultValue: '', description: 'Plain text, at most 10000 characters.' })
  readonly body!: string;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'For programs, for instance ids to link to; at most 16 KiB.',
  })
  readonly data?: unknown;

  @Field(() => NotificationPriority, { defaultValue: NotificationPriority.NORMAL, description: 'How urgent it is.' })
  readonly priority!: NotificationPriority;

  @Field(() => [NotificationChannel], {
    defaultValue: [NotificationChannel.IN_APP],
    description: 'How to tell them: a notification is made for each person and channel.',
  })
  readonly channels!: NotificationChannel[];

  @Field(() => String, {
    nullable: true,
    description:
      'Sending again under the same key answers with what was sent the first time and sends nothing. Keys are yours alone.',
  })
  readonly idempotencyKey?: string | null;
}

@ObjectType({ description: 'What was sent.' })
export class SendNotificationPayload {
  @Field(() => [Notification], { description: 'One for each person and channel; empty when nothing was sent.' })
  readonly notifications!: Notification[];

  @Field(() => [UserError], { description: 'Why nothing was sent; empty when it was.' })
  readonly userErrors!: UserError[];
}
