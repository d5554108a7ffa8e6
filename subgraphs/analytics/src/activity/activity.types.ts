import { GraphQLDateTime, GraphQLLocalDate } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'How much happened on a day.' })
export class DayCount {
  @Field(() => GraphQLLocalDate, { description: 'The day, YYYY-MM-DD.' })
  readonly day!: string;

  @Field(() => Int, { description: 'How many events.' })
  readonly events!: number;
}

@ObjectType({ description: 'What is known of what somebody did and what happened to them.' })
export class ActivitySummary {
  /** Whose it is; the field `days` needs it. */
  readonly userId!: string;

  @Field(() => Int, { description: 'How often they signed in.' })
  readonly logins!: number;

  @Field(() => Int, { description: 'How many notifications were sent to them, by all channels together.' })
  readonly notificationsReceived!: number;

  @Field(() => Int, { description: 'How many events there are about them.' })
  readonly events!: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When they last did something themselves; null when never.',
  })
  readonly lastActiveAt!: Date | null;
}
