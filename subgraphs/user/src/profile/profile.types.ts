import { OrderDirection } from '@orion/platform/pagination';
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { User } from './user.entity.js';

/** What a list of users is sorted by. */
export enum UserOrderField {
  CREATED_AT = 'CREATED_AT',
  DISPLAY_NAME = 'DISPLAY_NAME',
}
registerEnumType(UserOrderField, {
  name: 'UserOrderField',
  description: 'What a list of users is sorted by.',
  valuesConfig: {
    CREATED_AT: { description: 'When they registered.' },
    DISPLAY_NAME: { description: 'Their display name, without regard to case and accents.' },
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
}

@InputType({ description: 'Changes to your profile. What is left out stays as it is; null or an empty text clears.' })
export class UpdateProfileInput {
  @Field(() => String, { nullable: true, description: 'Name to show to other people; cannot be cleared.' })
  readonly displayName?: string | null;

  @Field(() => String, { nullable: true, description: 'Unique name of 3 to 30 characters.' })
  readonly username?: string | null;

  @Field(() => String, { nullable: true, description: 'What you say about yourself, at most 500 characters.' })
  readonly bio?: string | null;

  @Field(() => String, { nullable: true, description: 'Language tag (BCP 47).' })
  readonly locale?: string | null;

  @Field(() => String, { nullable: true, description: 'Time zone (IANA).' })
  readonly timezone?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The profileVersion that you saw: when it is not the current one, nothing changes.',
  })
  readonly profileVersion?: number | null;
}

@ObjectType({ description: 'The profile after the change, or why nothing changed.' })
export class UpdateProfilePayload {
  @Field(() => User, { nullable: true, description: 'You, as you are now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when changed.' })
  readonly userErrors!: UserError[];
}
