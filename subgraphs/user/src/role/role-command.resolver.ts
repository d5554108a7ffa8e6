import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { granterOf } from '../permission/authority.js';
import type { AccessAnswer } from '../permission/change-access.js';
import type { RoleCommandService } from './role-command.service.js';
import {
  CreateRoleInput,
  DeleteRoleInput,
  DeleteRolePayload,
  RolePayload,
  GrantPermissionToRoleInput,
  RevokePermissionFromRoleInput,
  SetRoleParentInput,
  UpdateRoleInput,
} from './role-command.types.js';
import type { Role } from './role.entity.js';

@Resolver()
export class RoleCommandResolver {
  constructor(private readonly commands: RoleCommandService) {}

  @Auth('role:write:any', { stepUp: true })
  @Mutation(() => RolePayload, { description: 'Make a role. It allows nothing yet but what it inherits.' })
  createRole(
    @Arg('input', () => CreateRoleInput, { description: 'What it shall be.' }) input: CreateRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RolePayload> {
    return answer(this.commands.create(input, granterOf(context)));
  }

  @Auth('role:write:any', { stepUp: true })
  @Mutation(() => RolePayload, { description: 'Change name, description or level of a role.' })
  updateRole(
    @Arg('input', () => UpdateRoleInput, { description: 'What to change.' }) input: UpdateRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RolePayload> {
    return answer(this.commands.update(input, granterOf(context)));
  }

  @Auth('role:write:any', { stepUp: true })
  @Mutation(() => DeleteRolePayload, { description: 'Delete a role that nobody has and no other inherits from.' })
  async deleteRole(
    @Arg('input', () => DeleteRoleInput, { description: 'Which.' }) { roleId }: DeleteRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<DeleteRolePayload> {
    const { value, userErrors } = await this.commands.delete(roleId, granterOf(context));
    return { deletedRoleId: value, userErrors };
  }

  @Auth('role:write:any', { stepUp: true })
  @Mutation(() => RolePayload, {
    description: 'Let a role inherit from another one: all that the other may do, it may do as well.',
  })
  setRoleParent(
    @Arg('input', () => SetRoleParentInput, { description: 'Which from which.' }) input: SetRoleParentInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RolePayload> {
    return answer(this.commands.setParent(input, granterOf(context)));
  }

  @Auth('permission:write:any', { stepUp: true })
  @Mutation(() => RolePayload, { description: 'Give a role a permission. To give one twice changes nothing.' })
  grantPermissionToRole(
    @Arg('input', () => GrantPermissionToRoleInput, { description: 'Which to which.' })
    input: GrantPermissionToRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RolePayload> {
    return answer(this.commands.grantPermission(input, granterOf(context)));
  }

  @Auth('permission:write:any', { stepUp: true })
  @Mutation(() => RolePayload, {
    description: 'Take a permission from a role. To take one that it lacks changes nothing; what it inherits stays.',
  })
  revokePermissionFromRole(
    @Arg('input', () => RevokePermissionFromRoleInput, { description: 'Which from which.' })
    input: RevokePermissionFromRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RolePayload> {
    return answer(this.commands.revokePermission(input, granterOf(context)));
  }
}

async function answer(change: Promise<AccessAnswer<Role>>): Promise<RolePayload> {
  const { value, userErrors } = await change;
  return { role: value, userErrors };
}
