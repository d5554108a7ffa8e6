import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { UserError } from '../user-error.js';

@InputType({ description: 'To whom an operator does something, and why.' })
export class AdminUserInput {
  @Field(() => ID, { description: 'UUID of the person.' })
  readonly userId!: string;

  @Field(() => String, { description: 'Why, for the audit log: at most 500 characters.' })
  readonly reason!: string;
}

@ObjectType({ description: 'The answer to what an operator did.' })
export class AdminUserPayload {
  @Field(() => User, { nullable: true, description: 'To whom it was done; null when it was not.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was not done; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The answer to ending the sessions of somebody.' })
export class AdminRevokeSessionsPayload extends AdminUserPayload {
  @Field(() => Int, { description: 'How many sessions ended.' })
  readonly revokedSessions!: number;
}
