import { Field, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@InputType({ description: 'Proof that a mail was received.' })
export class UnlockAccountInput {
  @Field(() => String, { description: 'The `token` of the link in the mail.' })
  readonly token!: string;
}

@ObjectType({ description: 'The answer to an unlocking.' })
export class UnlockAccountPayload {
  @Field(() => Boolean, { description: 'True when passwords are tried again.' })
  readonly unlocked!: boolean;

  @Field(() => [UserError], { description: 'Why they are not; empty when unlocked.' })
  readonly userErrors!: UserError[];
}
