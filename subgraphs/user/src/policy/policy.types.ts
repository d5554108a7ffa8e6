import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { AccessEffect } from '../permission/permission-grant.types.js';
import { UserError } from '../user-error.js';
import { Policy } from './policy.entity.js';

const CONDITION = 'When it applies: a tree of at most 5 levels and 50 parts, see the field `condition` of Policy.';

@InputType({ description: 'A policy to make.' })
export class CreatePolicyInput {
  @Field(() => String, { description: 'Unique name, 1 to 100 characters.' })
  readonly name!: string;

  @Field(() => AccessEffect, { description: 'Whether it gives or takes.' })
  readonly effect!: AccessEffect;

  @Field(() => String, { description: 'Key of the permission, `resource:action:scope`.' })
  readonly permission!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Role whose holders it concerns, with those of roles that inherit from it; everybody when left out.',
  })
  readonly roleId?: string | null;

  @Field(() => GraphQLJSON, { description: CONDITION })
  readonly condition!: unknown;

  @Field(() => Boolean, { defaultValue: true, description: 'Whether it applies at all.' })
  readonly enabled!: boolean;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; until it is deleted when left out.' })
  readonly expiresAt?: Date | null;
}

@InputType({ description: 'What to change of a policy. A field left out stays as it is.' })
export class UpdatePolicyInput {
  @Field(() => ID, { description: 'Which policy.' })
  readonly policyId!: string;

  @Field(() => String, { nullable: true, description: 'Unique name, 1 to 100 characters.' })
  readonly name?: string | null;

  @Field(() => GraphQLJSON, { nullable: true, description: CONDITION })
  readonly condition?: unknown;

  @Field(() => Boolean, { nullable: true, description: 'Whether it applies at all.' })
  readonly enabled?: boolean | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null for until it is deleted.' })
  readonly expiresAt?: Date | null;
}

@InputType({ description: 'A policy to delete.' })
export class DeletePolicyInput {
  @Field(() => ID, { description: 'Which policy.' })
  readonly policyId!: string;
}

@ObjectType({ description: 'The policy after the change, or why nothing changed.' })
export class PolicyPayload {
  @Field(() => Policy, { nullable: true, description: 'The policy as it is now; null when refused.' })
  readonly policy!: Policy | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'Which policy is gone, or why it is not.' })
export class DeletePolicyPayload {
  @Field(() => ID, { nullable: true, description: 'Id that the policy had; null when refused.' })
  readonly deletedPolicyId!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}
