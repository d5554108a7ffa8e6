import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { EventReplay } from './event-replay.entity.js';

@InputType({ description: 'A place in the log of events. Say exactly one.' })
export class EventPositionInput {
  @Field(() => GraphQLDateTime, { nullable: true, description: 'What was recorded at this time or later.' })
  readonly time?: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'What has this number or a higher one; on Kafka: in each partition.',
  })
  readonly offset?: number | null;

  @Field(() => Boolean, { defaultValue: false, description: 'All that the log still holds.' })
  readonly beginning!: boolean;
}

@InputType({ description: 'A group that shall read the log again.' })
export class ReplayEventsInput {
  @Field(() => String, { description: 'The consumer group, for instance notification.' })
  readonly group!: string;

  @Field(() => EventPositionInput, { description: 'Where to begin.' })
  readonly from!: EventPositionInput;

  @Field(() => [String], {
    nullable: true,
    description: 'Only events whose name matches one of these patterns, for instance user.*; all when left out.',
  })
  readonly types?: string[] | null;
}

@ObjectType({ description: 'The answer to asking a group to read the log again.' })
export class ReplayEventsPayload {
  @Field(() => EventReplay, { nullable: true, description: 'What was asked for; null when refused.' })
  readonly replay!: EventReplay | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was asked for.' })
  readonly userErrors!: UserError[];
}
