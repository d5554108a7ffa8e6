import { PageArgs } from '@orion/platform/pagination';
import { ArgsType, Field, InputType } from 'type-graphql';

@InputType({ description: 'Which notifications to list.' })
export class NotificationFilter {
  @Field(() => Boolean, { defaultValue: false, description: 'Only those that have not been read.' })
  readonly unreadOnly!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Those that were archived, instead of those in the inbox.',
  })
  readonly archived!: boolean;

  @Field(() => [String], { nullable: true, description: 'Only those of one of these types; at most 20.' })
  readonly types?: string[] | null;
}

/** Arguments of `User.notifications`. */
@ArgsType()
export class NotificationListArgs extends PageArgs {
  @Field(() => NotificationFilter, { nullable: true, description: 'Which ones; default all that are in the inbox.' })
  readonly filter?: NotificationFilter | null;
}
