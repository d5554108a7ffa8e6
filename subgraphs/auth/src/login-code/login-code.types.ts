import { Field, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@InputType({ description: 'Who wants a code to sign in with.' })
export class RequestLoginCodeInput {
  @Field(() => String, { description: 'E-mail address of the account.' })
  readonly email!: string;
}

@ObjectType({ description: 'The answer to the wish for a code: always the same, whatever is known of the address.' })
export class RequestLoginCodePayload {
  @Field(() => Boolean, { description: 'Always true: the code is in the mail, if the address has an account.' })
  readonly accepted!: boolean;

  @Field(() => [UserError], { description: 'Always empty.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'A sign-in with a code from a mail.' })
export class LoginWithCodeInput {
  @Field(() => String, { description: 'E-mail address of the account.' })
  readonly email!: string;

  @Field(() => String, { description: 'The eight digits of the latest mail.' })
  readonly code!: string;

  @Field(() => String, { nullable: true, description: 'The deviceToken of an earlier sign-in on this device.' })
  readonly deviceToken?: string | null;
}
