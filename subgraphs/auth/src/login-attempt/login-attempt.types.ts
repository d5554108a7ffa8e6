import { PageArgs } from '@orion/platform/pagination';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, registerEnumType } from 'type-graphql';

/** With what somebody tried to sign in. */
export enum LoginMethod {
  PASSWORD = 'PASSWORD',
  EMAIL_CODE = 'EMAIL_CODE',
  PASSKEY = 'PASSKEY',
  OAUTH = 'OAUTH',
}
registerEnumType(LoginMethod, {
  name: 'LoginMethod',
  description: 'With what somebody tried to sign in.',
  valuesConfig: {
    PASSWORD: { description: 'A password.' },
    EMAIL_CODE: { description: 'A code from a mail.' },
    PASSKEY: { description: 'A passkey.' },
    OAUTH: { description: 'An identity at a provider.' },
  },
});

/** What an attempt came to. */
export enum LoginOutcome {
  SUCCEEDED = 'SUCCEEDED',
  CHALLENGED = 'CHALLENGED',
  REFUSED = 'REFUSED',
}
registerEnumType(LoginOutcome, {
  name: 'LoginOutcome',
  description: 'What an attempt to sign in came to.',
  valuesConfig: {
    SUCCEEDED: { description: 'Signed in.' },
    CHALLENGED: { description: 'The first factor was right, and a second one was asked for.' },
    REFUSED: { description: 'Refused.' },
  },
});

/** Why an attempt was refused. More than the client was told. */
export enum LoginRefusal {
  UNKNOWN_ACCOUNT = 'UNKNOWN_ACCOUNT',
  WRONG_PASSWORD = 'WRONG_PASSWORD',
  WRONG_CODE = 'WRONG_CODE',
  NO_PASSWORD = 'NO_PASSWORD',
  LOCKED = 'LOCKED',
  RATE_LIMITED = 'RATE_LIMITED',
  EMAIL_NOT_VERIFIED = 'EMAIL_NOT_VERIFIED',
  ACCOUNT_DISABLED = 'ACCOUNT_DISABLED',
  OTHER = 'OTHER',
}
registerEnumType(LoginRefusal, {
  name: 'LoginRefusal',
  description: 'Why an attempt to sign in was refused; the client is told less.',
  valuesConfig: {
    UNKNOWN_ACCOUNT: { description: 'No account has this address.' },
    WRONG_PASSWORD: { description: 'The password was wrong.' },
    WRONG_CODE: { description: 'The code was wrong, used or too old.' },
    NO_PASSWORD: { description: 'The account has no password.' },
    LOCKED: { description: 'Passwords of this address were not tried: too many had been wrong.' },
    RATE_LIMITED: { description: 'Nothing was tried: too much came from the network, or at once.' },
    EMAIL_NOT_VERIFIED: { description: 'It was right, and the address is not verified.' },
    ACCOUNT_DISABLED: { description: 'It was right, and the account is closed.' },
    OTHER: { description: 'Another reason.' },
  },
});

@InputType({ description: 'Which attempts to sign in to list. Conditions are joined by AND.' })
export class LoginAttemptFilter {
  @Field(() => ID, { nullable: true, description: 'Only those at the account of this user.' })
  readonly userId?: string | null;

  @Field(() => String, { nullable: true, description: 'Only those with this e-mail address, in whatever case.' })
  readonly email?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only those from this address, or from the /64 network of this IPv6 address.',
  })
  readonly ip?: string | null;

  @Field(() => LoginMethod, { nullable: true, description: 'Only those with this.' })
  readonly method?: LoginMethod | null;

  @Field(() => LoginOutcome, { nullable: true, description: 'Only those that came to this.' })
  readonly outcome?: LoginOutcome | null;

  @Field(() => LoginRefusal, { nullable: true, description: 'Only those that were refused for this reason.' })
  readonly reason?: LoginRefusal | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those at this time or later.' })
  readonly attemptedAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Only those before this time.' })
  readonly attemptedBefore?: Date | null;
}

/** Arguments of `loginAttempts`. */
@ArgsType()
export class LoginAttemptListArgs extends PageArgs {
  @Field(() => LoginAttemptFilter, { nullable: true, description: 'Which ones; all when left out.' })
  readonly filter?: LoginAttemptFilter | null;
}
