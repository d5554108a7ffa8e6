import { Field, InputType, ObjectType } from 'type-graphql';
import { AuthTokens } from '../session/session.types.js';
import { UserError } from '../user-error.js';

@InputType({ description: 'Who wants to sign in.' })
export class LoginInput {
  @Field(() => String, { description: 'E-mail address of the account.' })
  readonly email!: string;

  @Field(() => String, { description: 'Its password.' })
  readonly password!: string;

  @Field(() => String, { nullable: true, description: 'The deviceToken of an earlier login on this device.' })
  readonly deviceToken?: string | null;
}

@ObjectType({ description: 'Tokens, or why there are none: exactly one of both.' })
export class LoginPayload {
  @Field(() => AuthTokens, { nullable: true, description: 'Tokens of the new session; null when refused.' })
  readonly tokens!: AuthTokens | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when signed in.' })
  readonly userErrors!: UserError[];
}
