import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth, Authenticated, viewerOf } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ProfileService } from '../profile/profile.service.js';
import { userError } from '../user-error.js';
import { Decision, decide } from './decision.js';
import type { PermissionService } from './permission.service.js';
import type { RoleChange, RoleGrantService, RoleRefusal } from './role-grant.service.js';
import { Role, RoleConnection } from './role.entity.js';
import type { RoleService } from './role.service.js';
import {
  AssignRoleInput,
  AssignRolePayload,
  Permission,
  UnassignRoleInput,
  UnassignRolePayload,
} from './role.types.js';
import { describePermission } from './permission-key.js';

@Resolver(() => Role)
export class RoleResolver {
  constructor(
    private readonly roleService: RoleService,
    private readonly permissionService: PermissionService,
    private readonly grants: RoleGrantService,
    private readonly profiles: ProfileService,
  ) {}

  @FieldResolver(() => [Permission], { description: 'What it allows, in order of the keys.' })
  async permissions(@Root() role: Role, @Ctx() context: SubgraphContext): Promise<Permission[]> {
    const keys = await context.loaders.load(this.permissionService.keysOfRoles, role.id);
    return keys.map(describePermission);
  }

  @Auth('role:read:any')
  @Query(() => RoleConnection, { nullable: true, description: 'All roles, highest level first.' })
  roles(@Args(() => PageArgs) page: PageArgs, @Ctx() context: SubgraphContext): Promise<RoleConnection> {
    return this.roleService.page(pageRequest(page, { list: 'Query.roles' }, context));
  }

  @Authenticated()
  @Query(() => Decision, {
    nullable: true,
    description: 'Whether you may do something, decided by what the database says now.',
  })
  async can(
    @Arg('permission', () => String, { description: '`resource:action:scope`, for instance notification:send:any.' })
    permission: string,
    @Arg('resourceId', () => ID, {
      nullable: true,
      description: 'Id of the user whom it belongs to; you when left out.',
    })
    resourceId: string | null,
    @Ctx() context: SubgraphContext,
  ): Promise<Decision> {
    const { userId } = viewerOf(context);
    const [held, known] = await Promise.all([
      context.loaders.load(this.permissionService.keysOfUsers, userId),
      this.permissionService.grantedBySomeRole(),
    ]);
    return decide({ permission, viewerId: userId, ownerId: resourceId ?? null, held, known });
  }

  @Auth('role:write:any')
  @Mutation(() => AssignRolePayload, { description: 'Give somebody a role. To give one twice changes nothing.' })
  assignRole(
    @Arg('input', () => AssignRoleInput, { description: 'Which role, to whom.' }) input: AssignRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<AssignRolePayload> {
    return this.change(input, context, (change, by) => this.grants.assign(change, by));
  }

  @Auth('role:write:any')
  @Mutation(() => UnassignRolePayload, {
    description: 'Take a role from somebody. To take one that they lack changes nothing.',
  })
  unassignRole(
    @Arg('input', () => UnassignRoleInput, { description: 'Which role, from whom.' }) input: UnassignRoleInput,
    @Ctx() context: SubgraphContext,
  ): Promise<UnassignRolePayload> {
    return this.change(input, context, (change, by) => this.grants.unassign(change, by));
  }

  private async change(
    { userId, role }: RoleChange,
    context: SubgraphContext,
    apply: (change: RoleChange, by: { readonly by: string }) => Promise<RoleRefusal>,
  ): Promise<AssignRolePayload> {
    const user = await context.loaders.load(this.profiles.byId, userId);
    if (user === null) return { user, userErrors: [userError('USER_NOT_FOUND', ['input', 'userId'])] };
    const refusal = await apply({ userId: user.id, role }, { by: viewerOf(context).userId });
    return refusal === null
      ? { user, userErrors: [] }
      : { user: null, userErrors: [userError(refusal, ['input', 'role'])] };
  }
}
