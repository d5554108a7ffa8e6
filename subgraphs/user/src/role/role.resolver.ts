import { PageArgs, pageRequest } from '@orion/platform/pagination';
import { Auth } from '@orion/platform/subgraph';
import type { SubgraphContext } from '@orion/platform/subgraph';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { Permission } from '../permission/permission.entity.js';
import type { PermissionService } from '../permission/permission.service.js';
import { Role, RoleConnection } from './role.entity.js';
import type { RoleService } from './role.service.js';

@Resolver(() => Role)
export class RoleResolver {
  constructor(
    private readonly roleService: RoleService,
    private readonly permissionService: PermissionService,
  ) {}

  @FieldResolver(() => [Permission], { description: 'What it allows, in order of the keys.' })
  async permissions(
    @Arg('inherited', () => Boolean, {
      defaultValue: true,
      description: 'Whether to show also what it inherits from its parent, and the parent of that, and so on.',
    })
    inherited: boolean,
    @Root() role: Role,
    @Ctx() { loaders }: SubgraphContext,
  ): Promise<Permission[]> {
    const { ofRoles, ofRolesAndAncestors } = this.permissionService;
    return [...(await loaders.load(inherited ? ofRolesAndAncestors : ofRoles, role.id))];
  }

  @FieldResolver(() => Role, { nullable: true, description: 'The role that it inherits from; null when none.' })
  async parent(@Root() role: Role, @Ctx() { loaders }: SubgraphContext): Promise<Role | null> {
    return role.parentId === null ? null : loaders.load(this.roleService.byId, role.parentId);
  }

  @FieldResolver(() => [Role], { description: 'Its parent, the parent of that, and so on.' })
  async ancestors(@Root() role: Role, @Ctx() { loaders }: SubgraphContext): Promise<Role[]> {
    return [...(await loaders.load(this.roleService.ancestorsOf, role.id))];
  }

  @Auth('role:read:any')
  @FieldResolver(() => Int, { nullable: true, description: 'How many users have it, without those who inherit it.' })
  memberCount(@Root() role: Role, @Ctx() { loaders }: SubgraphContext): Promise<number> {
    return loaders.load(this.roleService.memberCounts, role.id);
  }

  @Auth('role:read:any')
  @Query(() => RoleConnection, { nullable: true, description: 'All roles, highest level first.' })
  roles(@Args(() => PageArgs) page: PageArgs, @Ctx() context: SubgraphContext): Promise<RoleConnection> {
    return this.roleService.page(pageRequest(page, { list: 'Query.roles' }, context));
  }

  @Auth('role:read:any')
  @Query(() => Role, { nullable: true, description: 'A role by id; null when there is none.' })
  role(
    @Arg('id', () => ID, { description: 'UUID.' }) id: string,
    @Ctx() { loaders }: SubgraphContext,
  ): Promise<Role | null> {
    return loaders.load(this.roleService.byId, id);
  }
}
