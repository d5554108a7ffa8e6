import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { ApiKey } from './api-key.entity.js';

@InputType({ description: 'An API key to make.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'What to call it, 1 to 100 characters.' })
  readonly name!: string;

  @Field(() => [String], {
    description: 'Permissions that it gets, at most 100: of those that you hold, and any with the scope own.',
  })
  readonly scopes!: string[];

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; until it is revoked when left out.' })
  readonly expiresAt?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Addresses and ranges from which it may be used, at most 20; from anywhere when left out.',
  })
  readonly allowedIps?: string[] | null;
}

@InputType({ description: 'An API key to replace.' })
export class RotateApiKeyInput {
  @Field(() => ID, { description: 'Which of your API keys.' })
  readonly apiKeyId!: string;
}

@InputType({ description: 'An API key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Which API key.' })
  readonly apiKeyId!: string;
}

@InputType({ description: "Somebody's API key to revoke." })
export class AdminRevokeApiKeyInput extends RevokeApiKeyInput {}

@ObjectType({ description: 'The new API key, or why there is none.' })
export class ApiKeyPayload {
  @Field(() => ApiKey, { nullable: true, description: 'The key; null when refused.' })
  readonly apiKey!: ApiKey | null;

  @Field(() => String, {
    nullable: true,
    description: 'The text to send as `authorization: Bearer ...`. It is told this once, and nobody can find it out.',
  })
  readonly secret!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'The revoked API key, or why it was not revoked.' })
export class RevokeApiKeyPayload {
  @Field(() => ApiKey, { nullable: true, description: 'The key as it is now; null when refused.' })
  readonly apiKey!: ApiKey | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}

/** What the gateway is told of a key. It is not part of the public schema. */
@Directive('@inaccessible')
@ObjectType({ description: 'Whose an API key is and what it may do now.' })
export class ApiKeyIdentity {
  @Field(() => ID, { description: 'Id of the key.' })
  readonly keyId!: string;

  @Field(() => ID, { description: 'Id of the user in whose name it acts.' })
  readonly userId!: string;

  @Field(() => [String], { description: 'All that it may do now.' })
  readonly permissions!: string[];

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when this is true; null when it does not end.' })
  readonly expiresAt!: Date | null;
}
