import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, ObjectType } from 'type-graphql';
import { MfaMethod } from '../sign-in/sign-in.types.js';
import { UserError } from '../user-error.js';

@InputType({
  description:
    'Proof that you are still you: the password, or a code when a second factor is set up, or the answer of a passkey.',
})
export class ReauthenticateInput {
  @Field(() => String, {
    nullable: true,
    description: 'The password. It is not enough when a second factor is set up.',
  })
  readonly password?: string | null;

  @Field(() => String, { nullable: true, description: 'A code of the second factor.' })
  readonly code?: string | null;

  @Field(() => MfaMethod, { defaultValue: MfaMethod.TOTP, description: 'What kind of code it is.' })
  readonly method!: MfaMethod;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'The answer of a passkey to the options of startPasskeyReauthentication.',
  })
  readonly passkey?: Record<string, unknown> | null;
}

@ObjectType({ description: 'A new access token of the same session, or why there is none.' })
export class ReauthenticatePayload {
  @Field(() => String, {
    nullable: true,
    description: 'Send it from now on: what asks for a recent proof looks at it. Null when refused.',
  })
  readonly accessToken!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it expires; null when there is none.' })
  readonly expiresAt!: Date | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}
