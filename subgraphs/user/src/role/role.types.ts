import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { User } from '../profile/user.entity.js';
import { UserError } from '../user-error.js';
import { Role } from './role.entity.js';

@ObjectType({ description: 'That somebody has a role.' })
export class UserRole {
  @Field(() => Role, { description: 'The role.' })
  readonly role!: Role;

  @Field(() => GraphQLDateTime, { description: 'Since when.' })
  readonly grantedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Until when; null when it does not end by itself.' })
  readonly expiresAt!: Date | null;

  /** User id; the field `grantedBy` loads it. */
  readonly grantedById!: string | null;
}

@InputType({ description: 'A role to give to somebody.' })
export class AssignRoleInput {
  @Field(() => ID, { description: 'Who gets it.' })
  readonly userId!: string;

  @Field(() => String, { description: 'Name of the role.' })
  readonly role!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when; until it is taken when left out. Replaces what was said before.',
  })
  readonly expiresAt?: Date | null;
}

@ObjectType({ description: 'The user after the change, or why nothing changed.' })
export class AssignRolePayload {
  @Field(() => User, { nullable: true, description: 'The user, who has the role now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when they have the role.' })
  readonly userErrors!: UserError[];
}

@InputType({ description: 'A role to take from somebody.' })
export class UnassignRoleInput {
  @Field(() => ID, { description: 'Who loses it.' })
  readonly userId!: string;

  @Field(() => String, { description: 'Name of the role.' })
  readonly role!: string;
}

@ObjectType({ description: 'The user after the change, or why nothing changed.' })
export class UnassignRolePayload {
  @Field(() => User, { nullable: true, description: 'The user, who does not have the role now; null when refused.' })
  readonly user!: User | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when they are without the role.' })
  readonly userErrors!: UserError[];
}
