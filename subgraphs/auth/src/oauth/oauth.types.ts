import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { UserError } from '../user-error.js';

/** Where people can have an identity. */
export enum OAuthProvider {
  GOOGLE = 'GOOGLE',
  GITHUB = 'GITHUB',
}
registerEnumType(OAuthProvider, {
  name: 'OAuthProvider',
  description: 'Where people can have an identity to sign in with.',
  valuesConfig: {
    GOOGLE: { description: 'Google, or another provider of OpenID Connect in its place.' },
    GITHUB: { description: 'GitHub.' },
  },
});

/** What a visit at a provider is for. */
export enum OAuthIntent {
  LOGIN = 'LOGIN',
  LINK = 'LINK',
}
registerEnumType(OAuthIntent, {
  name: 'OAuthIntent',
  description: 'What a visit at a provider is for.',
  valuesConfig: {
    LOGIN: { description: 'To sign in, or to register.' },
    LINK: { description: 'To add the identity to the account that is signed in.' },
  },
});

@ObjectType({ description: 'A provider that is offered here.' })
export class OAuthProviderInfo {
  @Field(() => OAuthProvider, { description: 'Which one.' })
  readonly provider!: OAuthProvider;

  @Field(() => String, { description: 'What people call it.' })
  readonly name!: string;
}

@InputType({ description: 'A visit at a provider to begin.' })
export class StartOAuthInput {
  @Field(() => OAuthProvider, { description: 'One of oauthProviders.' })
  readonly provider!: OAuthProvider;

  @Field(() => String, {
    description: 'Where the provider sends the browser back to: one of the addresses allowed here.',
  })
  readonly redirectUri!: string;

  @Field(() => OAuthIntent, { defaultValue: OAuthIntent.LOGIN, description: 'What for.' })
  readonly intent!: OAuthIntent;
}

@ObjectType({ description: 'Where to send the browser, or why not.' })
export class StartOAuthPayload {
  @Field(() => String, { nullable: true, description: 'Send the browser there; null when refused.' })
  readonly authorizationUrl!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Keep it in this browser until completeOAuth. It is `<state>.<secret>`: the provider sends back what is before ' +
      'the dot, by which you find it again; the secret stays here, so that nobody can have this browser complete what ' +
      'they began themselves. Null when refused.',
  })
  readonly state!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty otherwise.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'What came back from the provider.' })
export class CompleteOAuthInput {
  @Field(() => String, {
    description: 'The `state` of startOAuth, as it was kept; not the shorter one that came back.',
  })
  readonly state!: string;

  @Field(() => String, { description: 'The `code` that came back.' })
  readonly code!: string;

  @Field(() => String, { nullable: true, description: 'The `iss` that came back, when there was one (RFC 9207).' })
  readonly iss?: string | null;

  @Field(() => String, { nullable: true, description: 'The deviceToken of an earlier sign-in on this device.' })
  readonly deviceToken?: string | null;
}

@InputType({ description: 'An identity to take away.' })
export class UnlinkOAuthAccountInput {
  @Field(() => ID, { description: 'One of your linkedAccounts.' })
  readonly id!: string;
}

@ObjectType({ description: 'The answer to an unlinking.' })
export class UnlinkOAuthAccountPayload {
  @Field(() => ID, { nullable: true, description: 'The identity that is gone; null when none is.' })
  readonly unlinkedId!: string | null;

  @Field(() => [UserError], { description: 'Why none is gone; empty otherwise.' })
  readonly userErrors!: UserError[];
}
