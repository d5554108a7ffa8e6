import { Field, ObjectType } from 'type-graphql';
import { AuthTokens } from '../session/session.types.js';
import { MfaChallenge } from '../sign-in/sign-in.types.js';
import { UserError } from '../user-error.js';
import { OAuthAccount } from './oauth-account.entity.js';

@ObjectType({
  description: 'Tokens, or what is still to be given, or the identity that was linked, or why there is none of them.',
})
export class CompleteOAuthPayload {
  @Field(() => AuthTokens, { nullable: true, description: 'Tokens of the new session; null when there is none.' })
  readonly tokens!: AuthTokens | null;

  @Field(() => MfaChallenge, { nullable: true, description: 'A second factor is asked for; null when none is.' })
  readonly challenge!: MfaChallenge | null;

  @Field(() => OAuthAccount, { nullable: true, description: 'What was linked; null when it was a sign-in.' })
  readonly linkedAccount!: OAuthAccount | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}
