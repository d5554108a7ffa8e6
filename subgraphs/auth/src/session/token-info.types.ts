import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { User } from '../account/user.stub.js';

@ObjectType({ description: 'What a token is worth right now.' })
export class TokenInfo {
  @Field(() => Boolean, { description: 'Whether its session is alive, as the database knows it.' })
  readonly active!: boolean;

  @Field(() => ID, { description: 'For whom it acts.' })
  readonly userId!: string;

  @Field(() => ID, { description: 'Its session; the id of the key when it is an API key.' })
  readonly sessionId!: string;

  @Field(() => Boolean, { description: 'Whether it is an API key.' })
  readonly isApiKey!: boolean;

  @Field(() => [String], { description: 'What it allows in this request, `resource:action:scope`.' })
  readonly permissions!: readonly string[];

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When its session ends at the latest; null for an API key, and when there is no such session.',
  })
  readonly expiresAt!: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the person last proved who they are; null for an API key.',
  })
  readonly authenticatedAt!: Date | null;

  @Field(() => [String], { description: 'How (RFC 8176), for instance pwd.' })
  readonly methods!: readonly string[];

  @Field(() => Boolean, { description: 'Whether an administrator looks at the graph as somebody else: show a banner.' })
  readonly isImpersonated!: boolean;

  @Field(() => User, { nullable: true, description: 'Who that administrator is; null otherwise.' })
  readonly actor!: User | null;
}
