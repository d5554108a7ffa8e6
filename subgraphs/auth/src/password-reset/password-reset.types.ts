import { Field, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@InputType({ description: 'Whose password is lost.' })
export class RequestPasswordResetInput {
  @Field(() => String, { description: 'E-mail address of the account.' })
  readonly email!: string;
}

@ObjectType({ description: 'The answer to a lost password: always the same, whatever is known of the address.' })
export class RequestPasswordResetPayload {
  @Field(() => Boolean, { description: 'Always true: the request was taken; the rest is in the mail, if one is due.' })
  readonly accepted!: boolean;

  @Field(() => [UserError], { description: 'Always empty.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'A password to set anew.' })
export class ResetPasswordInput {
  @Field(() => String, { description: 'The `token` of the link in the mail.' })
  readonly token!: string;

  @Field(() => String, { description: 'Your password from now on.' })
  readonly newPassword!: string;
}

@ObjectType({ description: 'The answer to a new password.' })
export class ResetPasswordPayload {
  @Field(() => Boolean, {
    description: 'True when the new password counts. You are not signed in by it, and all your sessions have ended.',
  })
  readonly reset!: boolean;

  @Field(() => [UserError], { description: 'What to correct; empty when it was set.' })
  readonly userErrors!: UserError[];
}
