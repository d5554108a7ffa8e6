import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { User } from './user.entity.js';

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

@InputType({ description: "Changes to somebody else's profile. What is left out stays; null or an empty text clears." })
export class AdminUpdateUserInput extends UpdateProfileInput {
  @Field(() => ID, { description: 'Whose profile.' })
  readonly userId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log; at most 500 characters.' })
  readonly reason?: string | null;
}

@ObjectType({ description: 'The profile after the change, or why nothing changed.' })
export class AdminUpdateUserPayload {
  @Field(() => User, { nullable: true, description: 'The user, as they are now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when changed.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The profile after the change, or why nothing changed.' })
export class UpdateProfilePayload {
  @Field(() => User, { nullable: true, description: 'You, as you are now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when changed.' })
  readonly userErrors!: UserError[];
}
