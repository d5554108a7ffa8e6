import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { UserError } from '../user-error.js';
import { Role } from './role.entity.js';

const NAME = 'Unique name of 2 to 50 characters: A to Z, digits and underscores, a letter first.';
const LEVEL = 'Rank, 1 to 99: below your own, not below that of the parent.';

@InputType({ description: 'A role to make.' })
export class CreateRoleInput {
  @Field(() => String, { description: NAME })
  readonly name!: string;

  @Field(() => String, { description: 'What it is for, 1 to 500 characters.' })
  readonly description!: string;

  @Field(() => Int, { description: LEVEL })
  readonly level!: number;

  @Field(() => ID, { nullable: true, description: 'Role to inherit from; none when left out.' })
  readonly parentId?: string | null;
}

@InputType({ description: 'What to change of a role. A field left out stays as it is.' })
export class UpdateRoleInput {
  @Field(() => ID, { description: 'Which role.' })
  readonly roleId!: string;

  @Field(() => String, { nullable: true, description: NAME })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for, 1 to 500 characters.' })
  readonly description?: string | null;

  @Field(() => Int, { nullable: true, description: LEVEL })
  readonly level?: number | null;
}

@InputType({ description: 'A role to delete.' })
export class DeleteRoleInput {
  @Field(() => ID, { description: 'Which role.' })
  readonly roleId!: string;
}

@InputType({ description: 'From which role another one inherits.' })
export class SetRoleParentInput {
  @Field(() => ID, { description: 'The role that inherits.' })
  readonly roleId!: string;

  @Field(() => ID, { nullable: true, description: 'The role to inherit from; none when null or left out.' })
  readonly parentId?: string | null;
}

@InputType({ description: 'A permission that a role is to have.' })
export class GrantPermissionToRoleInput {
  @Field(() => ID, { description: 'Which role.' })
  readonly roleId!: string;

  @Field(() => String, { description: 'Key of the permission, `resource:action:scope`.' })
  readonly permission!: string;
}

@InputType({ description: 'A permission that a role is to have no more.' })
export class RevokePermissionFromRoleInput extends GrantPermissionToRoleInput {}

@ObjectType({ description: 'The role after the change, or why nothing changed.' })
export class RolePayload {
  @Field(() => Role, { nullable: true, description: 'The role as it is now; null when refused.' })
  readonly role!: Role | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}

@ObjectType({ description: 'Which role is gone, or why it is not.' })
export class DeleteRolePayload {
  @Field(() => ID, { nullable: true, description: 'Id that the role had; null when refused.' })
  readonly deletedRoleId!: string | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was done.' })
  readonly userErrors!: UserError[];
}
