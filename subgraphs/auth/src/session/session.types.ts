import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { User } from '../account/user.stub.js';
import { UserError } from '../user-error.js';
import { Session } from './session.entity.js';

@ObjectType({ description: 'What a client needs to act for somebody who signed in.' })
export class AuthTokens {
  @Field(() => String, { description: 'Send it as `authorization: Bearer <accessToken>`, or in connectionParams.' })
  readonly accessToken!: string;

  @Field(() => String, { description: 'Exchange it for new tokens before the access token expires. It works once.' })
  readonly refreshToken!: string;

  @Field(() => String, { description: 'Always Bearer.' })
  readonly tokenType!: string;

  @Field(() => GraphQLDateTime, { description: 'When the access token expires.' })
  readonly expiresAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When the refresh token expires.' })
  readonly refreshExpiresAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'Keep it and send it at the next login: it tells this device from a new one. Null after a refresh.',
  })
  readonly deviceToken!: string | null;

  @Field(() => Session, {
    description:
      'The session that these tokens belong to. Of its user only `id` can be read with this answer: the rest needs the ' +
      'access token in a request.',
  })
  readonly session!: Session;

  @Field(() => User, {
    description: 'Who signed in. Only `id` can be read with this answer: the rest needs the access token in a request.',
  })
  readonly user!: User;
}

@InputType({ description: 'A refresh token to exchange.' })
export class RefreshTokensInput {
  @Field(() => String, { description: 'The latest refresh token of the session.' })
  readonly refreshToken!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The deviceToken that came with the sign-in. With it a token is good on its own device only, and a lost answer ' +
      'can be asked for again within ten seconds; without it the client is known again by its User-Agent header.',
  })
  readonly deviceToken?: string | null;
}

@ObjectType({ description: 'New tokens, or why there are none: exactly one of both.' })
export class RefreshTokensPayload {
  @Field(() => AuthTokens, { nullable: true, description: 'New tokens; null when refused.' })
  readonly tokens!: AuthTokens | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when tokens are given.' })
  readonly userErrors!: UserError[];
}

/** Which sessions a logout ends. */
export enum LogoutScope {
  THIS = 'THIS',
  OTHERS = 'OTHERS',
  ALL = 'ALL',
}
registerEnumType(LogoutScope, {
  name: 'LogoutScope',
  description: 'Which of your sessions a logout ends.',
  valuesConfig: {
    THIS: { description: 'The one whose token was sent.' },
    OTHERS: { description: 'All but that one.' },
    ALL: { description: 'All of them.' },
  },
});

@InputType({ description: 'What to sign out of.' })
export class LogoutInput {
  @Field(() => LogoutScope, { defaultValue: LogoutScope.THIS, description: 'Which sessions.' })
  readonly scope!: LogoutScope;
}

@ObjectType({ description: 'The answer to a logout.' })
export class LogoutPayload {
  @Field(() => Int, { description: 'How many sessions ended.' })
  readonly revokedSessions!: number;

  @Field(() => [UserError], { description: 'Always empty today.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'A session to end.' })
export class RevokeSessionInput {
  @Field(() => ID, { description: 'One of your sessions.' })
  readonly id!: string;
}

@ObjectType({ description: 'The answer to a revocation.' })
export class RevokeSessionPayload {
  @Field(() => Session, { nullable: true, description: 'The session that ended.' })
  readonly session!: Session | null;

  @Field(() => [UserError], { description: 'Why none ended.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'News that a session of yours ended.' })
export class SessionRevoked {
  @Field(() => ID, { description: 'Which one.' })
  readonly sessionId!: string;
}
