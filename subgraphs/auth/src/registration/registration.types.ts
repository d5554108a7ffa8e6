import { Field, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@InputType({ description: 'What it takes to open an account.' })
export class RegisterInput {
  @Field(() => String, { description: 'E-mail address; a link to verify it is sent there.' })
  readonly email!: string;

  @Field(() => String, { description: 'Password, of any characters; the query passwordPolicy says how many.' })
  readonly password!: string;

  @Field(() => String, { description: 'Name that others see, 1 to 80 characters.' })
  readonly displayName!: string;

  @Field(() => String, {
    defaultValue: 'en',
    description: 'Language of mails and notifications, a BCP 47 tag such as en or de-CH.',
  })
  readonly locale!: string;
}

@ObjectType({
  description: 'The answer to a registration: the same whether or not the address has an account already.',
})
export class RegisterPayload {
  @Field(() => Boolean, { description: 'True when the request was taken; the rest is in the mail.' })
  readonly accepted!: boolean;

  @Field(() => [UserError], { description: 'What to correct; empty when accepted.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Which address waits for a mail.' })
export class ResendVerificationInput {
  @Field(() => String, { description: 'E-mail address of the registration.' })
  readonly email!: string;
}

@ObjectType({
  description: 'The answer to a wish for another mail: always the same, whatever is known of the address.',
})
export class ResendVerificationPayload {
  @Field(() => Boolean, { description: 'Always true: the request was taken; the rest is in the mail, if one is due.' })
  readonly accepted!: boolean;

  @Field(() => [UserError], { description: 'Always empty.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Proof that a mail was received.' })
export class VerifyEmailInput {
  @Field(() => String, { description: 'The `token` of the link in the mail.' })
  readonly token!: string;
}

@ObjectType({ description: 'The answer to a verification.' })
export class VerifyEmailPayload {
  @Field(() => Boolean, { description: 'True when the address is verified now.' })
  readonly verified!: boolean;

  @Field(() => [UserError], { description: 'Why it is not; empty when verified.' })
  readonly userErrors!: UserError[];
}
