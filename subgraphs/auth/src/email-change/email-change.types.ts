import { Field, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';

@InputType({ description: 'An address to use instead of the present one.' })
export class RequestEmailChangeInput {
  @Field(() => String, { description: 'The new address; a link to prove that it is yours is mailed there.' })
  readonly newEmail!: string;
}

@ObjectType({ description: 'The answer to a wish for another address: the same whether or not it has an account.' })
export class RequestEmailChangePayload {
  @Field(() => Boolean, { description: 'True when the request was taken; the rest is in the mail.' })
  readonly accepted!: boolean;

  @Field(() => [UserError], { description: 'What to correct; empty when accepted.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'Proof that a mail was received.' })
export class ConfirmEmailChangeInput {
  @Field(() => String, { description: 'The `token` of the link in the mail.' })
  readonly token!: string;
}

@ObjectType({ description: 'The answer to the proof of a new address.' })
export class ConfirmEmailChangePayload {
  @Field(() => Boolean, { description: 'True when the new address counts from now on.' })
  readonly changed!: boolean;

  @Field(() => [UserError], { description: 'Why it does not; empty when changed.' })
  readonly userErrors!: UserError[];
}
