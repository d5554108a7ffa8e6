import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { granterOf } from '../permission/authority.js';
import type { AccessAnswer } from '../permission/change-access.js';
import type { ProfileService } from '../profile/profile.service.js';
import { userError } from '../user-error.js';
import type { RoleGrantService } from './role-grant.service.js';
import { AssignRoleInput, AssignRolePayload, UnassignRoleInput, UnassignRolePayload } from './role.types.js';

@Resolver()
export class RoleAssignmentResolver {
  constructor(
    private readonly grants: RoleGrantService,
    private readonly profiles: ProfileService,
  ) {}

  @Auth('role:write:any', { stepUp: true })
  @Mutation(() => AssignRolePayload, { description: 'Give somebody a role. To give one twice changes nothing.' })
  assignRole(
    @Arg('input', () => AssignRoleInput, { description: 'Which role, to whom.' }) input: AssignRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AssignRolePayload> {
    const { role, expiresAt = null } = input;
    return this.#change(input.userId, context, (userId) =>
      this.grants.assign({ userId, role, expiresAt }, granterOf(context)),
    );
  }

  @Auth('role:write:any', { stepUp: true })
  @Mutation(() => UnassignRolePayload, {
    description: 'Take a role from somebody. To take one that they lack changes nothing.',
  })
  unassignRole(
    @Arg('input', () => UnassignRoleInput, { description: 'Which role, from whom.' }) input: UnassignRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UnassignRolePayload> {
    const { role } = input;
    return this.#change(input.userId, context, (userId) => this.grants.unassign({ userId, role }, granterOf(context)));
  }

  async #change(
    userId: string,
    context: SubgraphContext,
    apply: (userId: string) => Promise<AccessAnswer<true>>,
  ): Promise<AssignRolePayload> {
    const user = await context.loaders.load(this.profiles.byId, userId);
    if (user === null) return { user, userErrors: [userError('USER_NOT_FOUND', ['input', 'userId'])] };
    const { value, userErrors } = await apply(user.id);
    return { user: value === null ? null : user, userErrors };
  }
}
