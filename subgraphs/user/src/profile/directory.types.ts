import { OrderDirection } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, registerEnumType } from 'type-graphql';
import { UserKind } from './user-kind.js';
import { UserStatus } from './user-status.js';

/** What a list of users is sorted by. */
export enum UserOrderField {
  CREATED_AT = 'CREATED_AT',
  DISPLAY_NAME = 'DISPLAY_NAME',
  LAST_SEEN = 'LAST_SEEN',
}
registerEnumType(UserOrderField, {
  name: 'UserOrderField',
  description: 'What a list of users is sorted by.',
  valuesConfig: {
    CREATED_AT: { description: 'When they registered.' },
    DISPLAY_NAME: { description: 'Their display name, without regard to case and accents.' },
    LAST_SEEN: { description: 'When they last signed in or out; who never did counts as the longest ago.' },
  },
});

@InputType({ description: 'How a list of users is sorted.' })
export class UserOrder {
  @Field(() => UserOrderField, { description: 'By what.' })
  readonly field!: UserOrderField;

  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC, description: 'Which end comes first.' })
  readonly direction!: OrderDirection;
}

@InputType({ description: 'Which users a list shows. Conditions are joined by AND.' })
export class UserFilter {
  @Field(() => String, {
    nullable: true,
    description:
      'Beginnings of words of the display name or user name; or a whole e-mail address, for holders of user:read-pii:any.',
  })
  readonly search?: string | null;

  @Field(() => UserStatus, {
    nullable: true,
    description: 'Only accounts of this status; deleted ones are never shown.',
  })
  readonly status?: UserStatus | null;

  @Field(() => UserKind, { nullable: true, description: 'Only people, or only programs.' })
  readonly kind?: UserKind | null;

  @Field(() => String, { nullable: true, description: 'Only those who have the role of this name.' })
  readonly role?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those who registered then or later.' })
  readonly createdAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those who registered before.' })
  readonly createdBefore?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those who signed in or out then or later.' })
  readonly signedInAfter?: Date | null;
}
