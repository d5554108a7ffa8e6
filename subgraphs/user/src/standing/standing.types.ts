import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { UserError } from '../user-error.js';

@InputType({ description: 'Whom to suspend.' })
export class SuspendUserInput {
  @Field(() => ID, { description: 'Who is suspended.' })
  readonly userId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log; at most 500 characters.' })
  readonly reason?: string | null;
}

@ObjectType({ description: 'The user after it, or why nothing changed.' })
export class SuspendUserPayload {
  @Field(() => User, { nullable: true, description: 'The user, who is suspended now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when they are suspended.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Whom to let in again.' })
export class ReactivateUserInput {
  @Field(() => ID, { description: 'Who may sign in again.' })
  readonly userId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log; at most 500 characters.' })
  readonly reason?: string | null;
}

@ObjectType({ description: 'The user after it, or why nothing changed.' })
export class ReactivateUserPayload {
  @Field(() => User, { nullable: true, description: 'The user, who may sign in again; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when they are active.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Whom to delete.' })
export class DeleteUserInput {
  @Field(() => ID, { description: 'Who is deleted, at once and for ever.' })
  readonly userId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log; at most 500 characters.' })
  readonly reason?: string | null;
}

@ObjectType({ description: 'Whether the user is gone, or why not.' })
export class DeleteUserPayload {
  @Field(() => ID, { nullable: true, description: 'Id of the user who is gone; null when refused.' })
  readonly deletedUserId!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when they are gone.' })
  readonly userErrors!: UserError[];
}
