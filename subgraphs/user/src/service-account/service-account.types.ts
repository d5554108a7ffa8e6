import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { UserError } from '../user-error.js';

@InputType({ description: 'A service account to make.' })
export class CreateServiceAccountInput {
  @Field(() => String, { description: 'What to call it, 1 to 80 characters.' })
  readonly name!: string;

  @Field(() => [String], { defaultValue: [], description: 'Names of the roles that it gets.' })
  readonly roles!: string[];
}

@InputType({ description: 'A service account to delete.' })
export class DeleteServiceAccountInput {
  @Field(() => ID, { description: 'Which.' })
  readonly serviceAccountId!: string;
}

@InputType({ description: 'An API key to make for a service account.' })
export class CreateServiceAccountKeyInput {
  @Field(() => ID, { description: 'Which service account.' })
  readonly serviceAccountId!: string;

  @Field(() => String, { description: 'What to call the key, 1 to 100 characters.' })
  readonly name!: string;

  @Field(() => [String], {
    description:
      'Permissions that it gets, at most 100: of those that both the account and you hold, and any with the scope own.',
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

@ObjectType({ description: 'The new service account, or why there is none.' })
export class ServiceAccountPayload {
  @Field(() => User, { nullable: true, description: 'The account, a user of the kind SERVICE; null when refused.' })
  readonly serviceAccount!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'Which service account is gone, or why it is not.' })
export class DeleteServiceAccountPayload {
  @Field(() => ID, { nullable: true, description: 'Id that the account had; null when refused.' })
  readonly deletedServiceAccountId!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}
