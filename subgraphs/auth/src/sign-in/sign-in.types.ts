import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { AuthTokens } from '../session/session.types.js';
import { UserError } from '../user-error.js';

/** With what a second factor can be given. */
export enum MfaMethod {
  TOTP = 'TOTP',
  BACKUP_CODE = 'BACKUP_CODE',
}
registerEnumType(MfaMethod, {
  name: 'MfaMethod',
  description: 'With what a second factor can be given.',
  valuesConfig: {
    TOTP: { description: 'A code of an authenticator app (RFC 6238).' },
    BACKUP_CODE: { description: 'One of the codes that were shown when the second factor was set up.' },
  },
});

@ObjectType({ description: 'The first factor was right, and a second one is asked for. It lets nobody in by itself.' })
export class MfaChallenge {
  @Field(() => String, { description: 'Send it with completeMfa.' })
  readonly token!: string;

  @Field(() => [MfaMethod], { description: 'What can be given.' })
  readonly methods!: MfaMethod[];

  @Field(() => GraphQLDateTime, { description: 'When it is over; sign in again afterwards.' })
  readonly expiresAt!: Date;

  @Field(() => Int, { description: 'How many wrong codes it takes until it is over.' })
  readonly attemptsLeft!: number;
}

@ObjectType({ description: 'Tokens, or what is still to be given, or why there is neither: exactly one of the three.' })
export class LoginPayload {
  @Field(() => AuthTokens, { nullable: true, description: 'Tokens of the new session; null when there is none.' })
  readonly tokens!: AuthTokens | null;

  @Field(() => MfaChallenge, { nullable: true, description: 'A second factor is asked for; null when none is.' })
  readonly challenge!: MfaChallenge | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}
