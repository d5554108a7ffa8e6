import { OrderDirection, PageArgs } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, InputType, registerEnumType } from 'type-graphql';
import { DeadLetterState } from './dead-letter.entity.js';

/** What a list of dead letters is sorted by. */
export enum DeadLetterOrderField {
  DIED_AT = 'DIED_AT',
  TYPE = 'TYPE',
}
registerEnumType(DeadLetterOrderField, {
  name: 'DeadLetterOrderField',
  description: 'What a list of dead letters is sorted by.',
  valuesConfig: {
    DIED_AT: { description: 'When the group gave up.' },
    TYPE: { description: 'The type of the event.' },
  },
});

@InputType({ description: 'How a list of dead letters is sorted.' })
export class DeadLetterOrder {
  @Field(() => DeadLetterOrderField, { description: 'By what.' })
  readonly field!: DeadLetterOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.DESC, description: 'Which end comes first.' })
  readonly direction!: OrderDirection;
}

@InputType({ description: 'Which dead letters. Conditions are joined by AND.' })
export class DeadLetterFilter {
  @Field(() => String, { nullable: true, description: 'Only of this consumer group.' })
  readonly group?: string | null;

  @Field(() => String, { nullable: true, description: 'Only of groups of this service.' })
  readonly service?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only events of this type, for instance dev.orion.user.created.v1.',
  })
  readonly type?: string | null;

  @Field(() => DeadLetterState, { nullable: true, description: 'Only those in this state.' })
  readonly state?: DeadLetterState | null;

  @Field(() => String, { nullable: true, description: 'Only events with this key, for instance the id of a user.' })
  readonly key?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those that died at this time or later.' })
  readonly diedAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those that died before this time.' })
  readonly diedBefore?: Date | null;
}

/** Arguments of `deadLetters`. */
@ArgsType()
export class DeadLetterListArgs extends PageArgs {
  @Field(() => DeadLetterFilter, { nullable: true, description: 'Which ones; all when left out.' })
  readonly filter?: DeadLetterFilter | null;

  @Field(() => DeadLetterOrder, {
    nullable: true,
    description: 'How to sort; those that died last first when left out.',
  })
  readonly orderBy?: DeadLetterOrder | null;
}
