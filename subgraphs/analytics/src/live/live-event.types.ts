import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { User } from '../user/user.stub.js';

@InputType({ description: 'Which events to show.' })
export class LiveEventFilter {
  @Field(() => [String], { nullable: true, description: 'Names, for instance user.login; all when left out.' })
  readonly names?: string[] | null;
}

@ObjectType({ description: 'Something that happened, without personal data.' })
export class AnalyticsEvent {
  @Field(() => ID, { description: 'UUID.' })
  readonly id!: string;

  @Field(() => String, { description: 'What, for instance user.login.' })
  readonly name!: string;

  @Field(() => GraphQLDateTime, { description: 'When.' })
  readonly occurredAt!: Date;

  @Field(() => User, { nullable: true, description: 'Whom it is about; null when nobody.' })
  readonly user!: User | null;

  @Field(() => GraphQLJSON, { description: 'Numbers, codes and ids that belong to it.' })
  readonly properties!: unknown;
}
